// SPDX-License-Identifier: MIT
#include "init/supervisor.h"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/crash.h"
#include "init/plan.h"
#include "init/processes.h"
#include "init/report.h"

namespace prologue {
namespace {

// PID 1 parses one bounded file and keeps a plan of it. Past this, memory runs out as an error that
// is handled instead of as an out-of-memory panic of the kernel.
constexpr rlim_t kOwnDataLimit = 16 * 1024 * 1024;

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};

// Takes at most twice what a pipe holds, so that a child that never stops writing cannot keep PID 1
// from its deadline.
void read_pipe(int fd, std::string& message) {
    char buffer[4096];
    for (int chunk = 0; chunk < 32; ++chunk) {
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        const std::size_t room = kMaxMessage - std::min(kMaxMessage, message.size());
        message.append(buffer, std::min(room, static_cast<std::size_t>(got)));
    }
}

void write_all(int fd, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = write(fd, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;  // PID 1 notices the incomplete report
        done += static_cast<std::size_t>(written);
    }
}

}  // namespace

Result<> Supervisor::open() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : kFaults) sigdelset(&blocked, fault);
    if (sigprocmask(SIG_SETMASK, &blocked, &original_.signal_mask) != 0) {
        return fail(Error::system("sigprocmask", errno));
    }
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGINT);
    signals_.reset(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_.valid()) return fail(Error::system("signalfd", errno));
    // Without CAP_SYS_BOOT (tests in a namespace) the kernel keeps Ctrl-Alt-Del; nothing depends on it.
    (void)reboot(RB_DISABLE_CAD);
    if (getrlimit(RLIMIT_DATA, &original_.data_limit) != 0) {
        return fail(Error::system("getrlimit", errno));
    }
    rlimit own = original_.data_limit;
    own.rlim_cur = std::min(own.rlim_max, kOwnDataLimit);
    if (setrlimit(RLIMIT_DATA, &own) != 0) return fail(Error::system("setrlimit", errno));
    return {};
}

void Supervisor::restore() {
    (void)reboot(static_cast<int>(RB_ENABLE_CAD));
    (void)setrlimit(RLIMIT_DATA, &original_.data_limit);  // raising the soft limit again cannot fail
    restore_default_signals();
    (void)sigprocmask(SIG_SETMASK, &original_.signal_mask, nullptr);
}

void Supervisor::run_in_child(Literal name, ChildTask& task, int report) const {
    (void)setpgid(0, 0);
    restore_default_signals();
    set_report_for_out_of_memory(report);
    (void)sigprocmask(SIG_SETMASK, &original_.signal_mask, nullptr);
    (void)setrlimit(RLIMIT_DATA, &original_.data_limit);
    (void)prctl(PR_SET_NAME, std::string(name.view()).c_str());
    write_all(report, task.run());
    _exit(0);
}

Result<ChildEnd> Supervisor::run_child(Literal name, ChildTask& task, Instant deadline) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(Error::system("pipe", errno));
    Child child;
    child.pipe.reset(ends[0]);
    Fd report(ends[1]);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    child.pid = fork();
    if (child.pid < 0) return fail(Error::system("fork", errno));
    if (child.pid == 0) run_in_child(name, task, report.get());
    (void)setpgid(child.pid, child.pid);  // in both, so that neither can be too late for the other
    report.reset();
    ChildEnd end;
    while (!child.reaped && sys_.now() < deadline && !stop_requested_) {
        poll_once(&child, deadline, false, &end.message, nullptr);
    }
    if (!child.reaped) {
        kill_and_collect(child, end);
    } else {
        end.status = child.status;
    }
    read_pipe(child.pipe.get(), end.message);
    return end;
}

void Supervisor::kill_and_collect(Child& child, ChildEnd& end) {
    end.kind = stop_requested_ ? ChildEnd::Kind::kStopped : ChildEnd::Kind::kKilled;
    (void)kill(-child.pid, SIGKILL);
    (void)kill(child.pid, SIGKILL);
    const Instant deadline = deadline_after(sys_.now(), kKillGrace);
    while (!child.reaped && sys_.now() < deadline) {
        poll_once(&child, deadline, false, &end.message, nullptr);
    }
    end.status = child.status;
    if (child.reaped) return;
    end.kind = ChildEnd::Kind::kStuck;
    end.kernel_state = kernel_state_of(child.pid, sys_);
}

void Supervisor::reap(Child* child) {
    int status = 0;
    while (true) {
        const pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == EINTR) continue;
        if (pid <= 0) return;
        if (child != nullptr && pid == child->pid) {
            child->reaped = true;
            child->status = status;
        }
    }
}

void Supervisor::handle_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (info.ssi_signo == static_cast<unsigned>(SIGINT)) stop_requested_ = heeds_stop_requests_;
    }
}

void Supervisor::ignore_stop_requests() {
    heeds_stop_requests_ = false;
    stop_requested_ = false;
}

void Supervisor::poll_once(Child* child, Instant deadline, bool keys, std::string* message,
                           bool* key) {
    std::vector<pollfd> entries;
    entries.push_back({signals_.get(), POLLIN, 0});
    entries.push_back({child != nullptr ? child->pipe.get() : -1, POLLIN, 0});
    consoles_.add_poll_entries(entries, keys);
    const int timeout = poll_timeout(deadline, sys_.now());
    if (poll(entries.data(), entries.size(), timeout) < 0) return;  // EINTR: the caller looks again
    if (child != nullptr && (entries[1].revents & POLLIN) != 0) {
        read_pipe(child->pipe.get(), *message);
    }
    if (child != nullptr && (entries[1].revents & (POLLHUP | POLLERR)) != 0) {
        // All has been said; an end-of-file that stays ready would make this loop spin.
        read_pipe(child->pipe.get(), *message);
        child->pipe.reset();
    }
    handle_signals();
    reap(child);
    consoles_.flush();
    if (keys && consoles_.take_keys()) *key = true;
}

Supervisor::WaitEnd Supervisor::wait(Instant deadline, bool keys) {
    bool key = false;
    while (sys_.now() < deadline && !key && !stop_requested_) {
        poll_once(nullptr, deadline, keys, nullptr, &key);
    }
    if (keys) consoles_.restore_input();
    if (stop_requested_) return WaitEnd::kCtrlAltDel;
    return key ? WaitEnd::kKey : WaitEnd::kDeadline;
}

void Supervisor::drain_consoles(Instant deadline) {
    consoles_.flush();
    while (!consoles_.drained() && sys_.now() < deadline) {
        poll_once(nullptr, deadline, false, nullptr, nullptr);
    }
}

void Supervisor::end_all_processes(Duration grace) {
    // Every process of user space descends from PID 1: with no child there is nobody to end.
    if (waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return;
    for (const int signal : {SIGTERM, SIGKILL}) {
        const std::vector<pid_t> ended = signal_other_processes(signal, sys_);
        if (ended.empty()) return;
        const Instant deadline = deadline_after(sys_.now(), grace);
        while (sys_.now() < deadline && any_is_left(ended)) {
            poll_once(nullptr, deadline, false, nullptr, nullptr);
        }
    }
}

}  // namespace prologue
