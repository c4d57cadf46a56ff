// SPDX-License-Identifier: MIT
#include "init/base/fd.h"

#include <unistd.h>

namespace prologue {

void Fd::reset(int fd) {
    // close(2) releases the descriptor on Linux whatever it returns, so there is nothing to retry.
    if (fd_ >= 0) (void)close(fd_);
    fd_ = fd;
}

}  // namespace prologue
