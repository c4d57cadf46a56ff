// SPDX-License-Identifier: MIT
#include "init/startup.h"

#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
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

void reopen_console() {
    const int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return;
    for (int standard = 0; standard <= 2; ++standard) (void)dup2(fd, standard);
    if (fd > 2) (void)close(fd);
}

Result<std::vector<std::string>> list_directory(int fd) {
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    DIR* directory = copy < 0 ? nullptr : fdopendir(copy);
    if (directory == nullptr) return fail(Error::system("opendir", errno));
    std::vector<std::string> names;
    while (const dirent* entry = readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    (void)closedir(directory);
    return names;
}

}  // namespace prologue
