// SPDX-License-Identifier: MIT
#include "init/supervisor.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
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

sigset_t set_of(bool all_stops) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGCHLD, SIGINT}) sigaddset(&set, signal);
    if (!all_stops) return set;
    for (const int signal : {SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
    return set;
}

StopRequest request_of(std::uint32_t signal) {
    switch (static_cast<int>(signal)) {
        case SIGINT: return StopRequest::kCtrlAltDel;
        case SIGTERM: return StopRequest::kTerm;
        case SIGUSR1: return StopRequest::kUser1;
        case SIGUSR2: return StopRequest::kUser2;
        default: return StopRequest::kNone;
    }
}

bool group_exists(pid_t group) {
    return kill(-group, 0) == 0;
}

// The kernel drops what a line has not sent when the machine stops.
class DrainTask final : public ChildTask {
  public:
    explicit DrainTask(Consoles& consoles) : consoles_(consoles) {}
    std::string run() override {
        consoles_.wait_until_sent();
        return {};
    }

  private:
    Consoles& consoles_;
};

}  // namespace

Result<> Supervisor::open() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : kFaults) sigdelset(&blocked, fault);
    if (sigprocmask(SIG_SETMASK, &blocked, &original_.signal_mask) != 0) {
        return fail(Error::system("sigprocmask", errno));
    }
    const sigset_t wanted = set_of(heeds_signals_);
    signals_.reset(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_.valid()) return fail(Error::system("signalfd", errno));
    // Without CAP_SYS_BOOT (tests in a namespace) the kernel keeps Ctrl-Alt-Del; nothing depends on it.
    (void)reboot(RB_DISABLE_CAD);
    // Not setrlimit(3), which for kernels before 2.6.36 can stop all threads.
    if (prlimit(0, RLIMIT_DATA, nullptr, &original_.data_limit) != 0) {
        return fail(Error::system("prlimit", errno));
    }
    rlimit own = original_.data_limit;
    own.rlim_cur = std::min(own.rlim_max, kOwnDataLimit);
    if (prlimit(0, RLIMIT_DATA, &own, nullptr) != 0) return fail(Error::system("prlimit", errno));
    return {};
}

Result<> Supervisor::heed_stop_signals() {
    heeds_signals_ = true;
    const sigset_t wanted = set_of(heeds_signals_);
    if (signalfd(signals_.get(), &wanted, 0) < 0) return fail(Error::system("signalfd", errno));
    return {};
}

void Supervisor::restore() {
    (void)reboot(static_cast<int>(RB_ENABLE_CAD));
    // Raising the soft limit again cannot fail.
    (void)prlimit(0, RLIMIT_DATA, &original_.data_limit, nullptr);
    restore_default_signals();
    (void)sigprocmask(SIG_SETMASK, &original_.signal_mask, nullptr);
}

Result<ChildEnd> Supervisor::run_child(Literal name, ChildTask& task, Instant deadline) {
    ChildEnd end;
    // Nothing new begins once a person wants the machine to stop.
    if (stop_requested()) {
        end.kind = ChildEnd::Kind::kStopped;
        end.request = stop_request_;
        return end;
    }
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
    for (Watch* watch : watches_) watch->on_begin(deadline);
    const Instant patience = deadline_after(sys_.now(), kButtonPatience);
    cancelled_ = false;
    while (!child.reaped && sys_.now() < deadline && !stop_requested() && !cancelled_) {
        const bool is_patient = sys_.now() < patience;
        if (!is_patient && heeds_stop_requests_) power_button_.arm();
        poll_once(&child, is_patient ? std::min(deadline, patience) : deadline, false, &end.message,
                  nullptr);
    }
    if (!child.reaped) {
        kill_and_collect(child, end);
    } else {
        end.status = child.status;
    }
    read_pipe(child.pipe.get(), end.message);
    for (Watch* watch : watches_) watch->on_child_over();
    return end;
}

void Supervisor::kill_and_collect(Child& child, ChildEnd& end) {
    end.kind = stop_requested() ? ChildEnd::Kind::kStopped
               : cancelled_     ? ChildEnd::Kind::kCancelled
                                : ChildEnd::Kind::kKilled;
    end.request = stop_request_;
    const pid_t busy = newest_of_group(child.pid, sys_);
    end.activity = activity_of(busy, sys_);
    (void)kill(-child.pid, SIGKILL);
    (void)kill(child.pid, SIGKILL);
    const Instant deadline = deadline_after(sys_.now(), kKillGrace);
    // What the child started dies with it, or is as stuck as the child itself could be.
    while ((!child.reaped || group_exists(child.pid)) && sys_.now() < deadline) {
        poll_once(&child, deadline, false, &end.message, nullptr);
    }
    end.status = child.status;
    if (child.reaped && !group_exists(child.pid)) return;
    if (end.kind != ChildEnd::Kind::kKilled) return;
    end.kind = ChildEnd::Kind::kStuck;
    end.kernel_stack = kernel_stack_of(busy, sys_);
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
            continue;
        }
        for (Watch* watch : watches_) watch->on_end(pid, status);
    }
}

void Supervisor::handle_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        request_stop(request_of(info.ssi_signo));
    }
    if (power_button_.take_press()) request_stop(StopRequest::kPowerButton);
}

void Supervisor::request_stop(StopRequest request) {
    if (heeds_stop_requests_ && !stop_requested()) stop_request_ = request;
}

void Supervisor::ignore_stop_requests() {
    heeds_stop_requests_ = false;
    stop_request_ = StopRequest::kNone;
}

Instant Supervisor::next_turn(Instant deadline) const {
    for (const Watch* watch : watches_) deadline = std::min(deadline, watch->wants_turn_at());
    return deadline;
}

void Supervisor::poll_once(Child* child, Instant deadline, bool keys, std::string* message,
                           bool* key) {
    std::vector<pollfd> entries;
    entries.push_back({signals_.get(), POLLIN, 0});
    entries.push_back({child != nullptr ? child->pipe.get() : -1, POLLIN, 0});
    consoles_.add_poll_entries(entries, keys);
    power_button_.add_poll_entries(entries);
    std::vector<std::size_t> firsts;
    for (Watch* watch : watches_) {
        firsts.push_back(entries.size());
        watch->add_poll_entries(entries);
    }
    firsts.push_back(entries.size());
    const int timeout = poll_timeout(next_turn(deadline), sys_.now());
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
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        watches_[i]->react(std::span(entries).subspan(firsts[i], firsts[i + 1] - firsts[i]));
    }
}

void Supervisor::wait(Instant deadline, bool keys) {
    bool key = false;
    while (sys_.now() < deadline && !key && !stop_requested()) {
        poll_once(nullptr, deadline, keys, nullptr, &key);
    }
    if (keys) consoles_.restore_input();
}

void Supervisor::drain_consoles(Instant deadline) {
    if (!consoles_.were_used()) return;
    consoles_.start_output();
    consoles_.flush();
    while (!consoles_.drained() && sys_.now() < deadline) {
        poll_once(nullptr, deadline, false, nullptr, nullptr);
    }
    DrainTask task(consoles_);
    // Best effort: a line that takes nothing more must not keep the machine from stopping.
    (void)run_child("drain", task, deadline);
}

bool Supervisor::end_all_processes(Duration grace) {
    // Every process of user space descends from PID 1: with no child there is nobody to end.
    if (waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return false;
    Instant deadline = deadline_after(sys_.now(), grace);
    for (int signal = SIGTERM;;) {
        const std::vector<pid_t> ended = signal_other_processes(signal, sys_);
        if (ended.empty()) return true;
        while (sys_.now() < deadline && any_is_left(ended)) {
            poll_once(nullptr, deadline, false, nullptr, nullptr);
        }
        if (signal == SIGTERM) {
            signal = SIGKILL;
            deadline = deadline_after(sys_.now(), grace);
        } else if (sys_.now() >= deadline) {
            return true;
        }
        // Once more after SIGKILL: one of them may have begun another while they were counted.
    }
}

}  // namespace prologue
