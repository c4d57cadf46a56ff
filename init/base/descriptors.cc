// SPDX-License-Identifier: MIT
#include "init/base/descriptors.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace prologue {

int keep_one_descriptor(int fd) {
    constexpr int kPlace = STDERR_FILENO + 1;
    if (fd != kPlace && dup3(fd, kPlace, O_CLOEXEC) < 0) return -1;
    (void)syscall(SYS_close_range, kPlace + 1, ~0U, 0);
    return kPlace;
}

}  // namespace prologue
