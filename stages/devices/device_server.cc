// SPDX-License-Identifier: MIT
#include "stages/devices/device_server.h"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init/base/descriptors.h"
#include "stages/devices/uevent_socket.h"

namespace prologue {
namespace {

[[noreturn]] void serve_beside(Fd line, Sys& sys, UeventListener& listener) {
    // No part of the stage: what hangs here is not what the stage is at.
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_NAME, "devices");
    block_termination();
    // The caller's report is not held open: its reader waits for the end.
    const int end = keep_one_descriptor(line.release());
    if (end < 0) _exit(1);
    serve_devices(sys, listener, end, true);
    _exit(0);
}

}  // namespace

sigset_t block_termination() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, nullptr);
    return set;
}

void serve_devices(Sys& sys, UeventListener& listener, int end, bool tells) {
    // Before the look: what appears during it is heard of behind it.
    Result<UeventSocket> events = UeventSocket::open(sys);
    listener.rescan();
    if (tells) (void)shutdown(end, SHUT_WR);
    while (events) {
        const Result<EventBatch> batch = events->wait(kNever, end);
        if (!batch || batch->late_answer) return;
        tell(listener, *batch);
    }
}

Result<> DeviceServer::begin(Sys& sys, UeventListener& listener, Instant deadline) {
    if (line_.valid()) return {};
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(Error::system("socketpair", errno));
    line_.reset(ends[0]);
    Fd there(ends[1]);
    const pid_t pid = fork();
    if (pid == 0) {
        line_.reset();
        serve_beside(std::move(there), sys, listener);
    }
    if (pid < 0) {
        const int failure = errno;
        line_.reset();
        return fail(Error::system("fork", failure));
    }
    there.reset();
    pollfd entry{line_.get(), POLLIN, 0};
    while (sys.now() < deadline) {
        const int ready = poll(&entry, 1, poll_timeout(deadline, sys.now()));
        if (ready != 0 && !(ready < 0 && errno == EINTR)) break;
    }
    return {};
}

}  // namespace prologue
