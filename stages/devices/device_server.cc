// SPDX-License-Identifier: MIT
#include "stages/devices/device_server.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stages/devices/uevent_socket.h"

namespace prologue {
namespace {

[[noreturn]] void serve_beside(pid_t parent, Fd looked, Sys& sys, UeventListener& listener) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // it has ended meanwhile
    (void)prctl(PR_SET_NAME, "devices");
    // The caller's report is not held open: its reader waits for the end.
    constexpr int kPlace = STDERR_FILENO + 1;
    if (looked.get() != kPlace && dup3(looked.get(), kPlace, O_CLOEXEC) < 0) _exit(1);
    (void)looked.release();
    (void)syscall(SYS_close_range, kPlace + 1, ~0U, 0);  // since Linux 5.9
    serve_devices(sys, listener, Fd(kPlace));
    _exit(0);
}

}  // namespace

void serve_devices(Sys& sys, UeventListener& listener, Fd looked) {
    // Before the look: what appears during it is heard of behind it.
    Result<UeventSocket> events = UeventSocket::open(sys);
    listener.rescan();
    looked.reset();
    while (events) {
        const Result<EventBatch> batch = events->wait(kNever);
        if (!batch) return;
        tell(listener, *batch);
    }
}

DeviceServer::~DeviceServer() {
    if (pid_ > 0) (void)kill(pid_, SIGKILL);
}

Result<> DeviceServer::begin(Sys& sys, UeventListener& listener, Instant deadline) {
    if (pid_ > 0) return {};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(Error::system("pipe", errno));
    const Fd here(ends[0]);
    Fd there(ends[1]);
    const pid_t self = getpid();
    pid_ = fork();
    if (pid_ < 0) return fail(Error::system("fork", errno));
    if (pid_ == 0) serve_beside(self, std::move(there), sys, listener);
    there.reset();
    pollfd entry{here.get(), POLLIN, 0};
    while (sys.now() < deadline) {
        const int ready = poll(&entry, 1, poll_timeout(deadline, sys.now()));
        if (ready != 0 && !(ready < 0 && errno == EINTR)) break;
    }
    return {};
}

}  // namespace prologue
