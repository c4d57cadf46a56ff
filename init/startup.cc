// SPDX-License-Identifier: MIT
#include "init/startup.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace prologue {
namespace {

int open_anything() {
    // Non-blocking for the open alone: a modem line would wait for its carrier.
    int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) (void)fcntl(fd, F_SETFL, O_RDWR);
    if (fd < 0) fd = open("/dev/null", O_RDWR);
    if (fd < 0) fd = memfd_create("no-console", 0);
    return fd;
}

}  // namespace

bool is_locked_image(Sys& sys) {
    return sys.lstat(kLockedMarker.str()).has_value();
}

Result<> lock_pages() {
    if (mlockall(MCL_CURRENT) != 0) return fail(Error::system("mlockall", errno));
    return {};
}

bool secure_standard_fds() {
    bool all = true;
    // Open descriptors are the lowest free ones, so each round fills the first gap below 3.
    for (int fd = 0; fd <= 2; ++fd) {
        if (fcntl(fd, F_GETFD) >= 0) continue;
        all = false;
        const int opened = open_anything();
        if (opened > 2) (void)close(opened);
    }
    return all;
}

Result<> offer_modprobe() {
    const bool has_directory = mkdir("/sbin", 0755) == 0 || errno == EEXIST;
    if (!has_directory || (symlink("/init", "/sbin/modprobe") != 0 && errno != EEXIST))
        return fail(Error::system("make", errno, "/sbin/modprobe")
                        .with_hint("the kernel cannot ask for modules by itself"));
    return {};
}

void reopen_console() {
    const int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return;
    for (int standard = 0; standard <= 2; ++standard) (void)dup2(fd, standard);
    if (fd > 2) (void)close(fd);
}

}  // namespace prologue
