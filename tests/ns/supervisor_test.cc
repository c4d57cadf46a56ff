// SPDX-License-Identifier: MIT
// PID 1's loop against real children: whatever they do, it comes back in time and knows what it was.
#include "init/supervisor.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/stage_runner.h"
#include "init/stop.h"
#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

using std::chrono::milliseconds;

struct Parent : PidOne {
    Error error_of(std::string (*body)()) {
        const Result<StageOutcome> outcome = outcome_of(run(body), "test", milliseconds(20'000));
        EXPECT(!outcome.has_value());
        return outcome ? Error{} : outcome.error();
    }
};

// A pipe that closes when the last process that inherited it is gone.
int g_lifeline[2] = {-1, -1};

void open_lifeline() {
    EXPECT(pipe2(g_lifeline, O_CLOEXEC) == 0);
}

bool lifeline_is_cut(int within_ms) {
    (void)close(g_lifeline[1]);
    pollfd entry{g_lifeline[0], POLLIN, 0};
    return poll(&entry, 1, within_ms) == 1 && (entry.revents & POLLHUP) != 0;
}

// The write end of the pipe that leads to PID 1.
int report_pipe() {
    for (int fd = 3; fd < 64; ++fd) {
        struct stat status {};
        if (fd == g_lifeline[1] || fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) continue;
        if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) return fd;
    }
    return -1;
}

void names_every_death() {
    Parent one;
    ChildEnd end = one.run([]() -> std::string { return "report"; });
    EXPECT(end.kind == ChildEnd::Kind::kExited && end.message == "report" && end.status == 0);
    Error error = one.error_of([]() -> std::string {
        raise(SIGSEGV);
        _exit(0);
    });
    EXPECT(error->kind == ErrorKind::kCrashed && error->detail == "crashed: SIGSEGV");
    error = one.error_of([]() -> std::string { std::abort(); });
    EXPECT(error->kind == ErrorKind::kCrashed && error->detail == "crashed: SIGABRT");
    error = one.error_of([]() -> std::string {
        raise(SIGKILL);
        _exit(0);
    });
    EXPECT(error->detail == "crashed: SIGKILL" && !error->hint.empty());
    error = one.error_of([]() -> std::string { _exit(0); });
    EXPECT(error->kind == ErrorKind::kCrashed);
    EXPECT(error->detail == "ended without a report, exit status 0");
    error = one.error_of([]() -> std::string { return "no report of ours"; });
    EXPECT(error->kind == ErrorKind::kCrashed);
}

void kills_at_the_deadline() {
    Parent one;
    const Instant began = one.sys.now();
    const ChildEnd end = one.run([]() -> std::string { spin(); }, milliseconds(100));
    EXPECT(end.kind == ChildEnd::Kind::kKilled);
    EXPECT(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGKILL);
    EXPECT(one.sys.now() - began >= milliseconds(100));
    EXPECT(outcome_of(end, "test", milliseconds(100)).error()->kind == ErrorKind::kTimeout);
}

void a_flood_stays_bounded() {
    Parent one;
    const ChildEnd big = one.run([]() -> std::string { return std::string(1 << 20, 'x'); });
    EXPECT(big.kind == ChildEnd::Kind::kExited && big.message.size() == kMaxMessage);
    const ChildEnd endless = one.run(
        []() -> std::string {
            const std::string text(64 * 1024, 'x');
            const int fd = report_pipe();
            while (true) (void)!write(fd, text.data(), text.size());
        },
        milliseconds(200));
    EXPECT(endless.kind == ChildEnd::Kind::kKilled && endless.message.size() <= kMaxMessage);
}

void a_child_that_closes_its_pipe_is_waited_for() {
    Parent one;
    const ChildEnd end = one.run([]() -> std::string {
        (void)close(report_pipe());
        (void)poll(nullptr, 0, 50);  // not synchronisation: PID 1 sees the end of the pipe first
        _exit(5);
    });
    EXPECT(end.kind == ChildEnd::Kind::kExited && WEXITSTATUS(end.status) == 5);
}

void the_whole_group_is_killed() {
    Parent one;
    open_lifeline();
    const ChildEnd end = one.run(
        []() -> std::string {
            if (fork() == 0) spin();
            (void)signal(SIGTERM, SIG_IGN);
            spin();
        },
        milliseconds(100));
    EXPECT(end.kind == ChildEnd::Kind::kKilled);
    EXPECT(lifeline_is_cut(10'000));
}

void orphans_are_reaped() {
    Parent one;
    const ChildEnd end = one.run([]() -> std::string {
        for (int i = 0; i < 20; ++i) {
            if (fork() == 0) _exit(i);
        }
        return "left them";
    });
    EXPECT(end.message == "left them");
    const Instant limit = deadline_after(one.sys.now(), milliseconds(10'000));
    int left = 0;
    do {
        one.supervisor.wait(deadline_after(one.sys.now(), milliseconds(5)), false);
        siginfo_t info{};
        left = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);  // only looks
    } while (left >= 0 && one.sys.now() < limit);
    EXPECT(left < 0 && errno == ECHILD);
}

pid_t start_payload(const char* name) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    char what[] = "pause";
    char* const argv[] = {const_cast<char*>(name), what, nullptr};
    char* const envp[] = {nullptr};
    (void)execve("/payload", argv, envp);
    _exit(127);
}

// "S", "Z"… of /proc/PID/stat; empty when there is no such process.
std::string state_of(pid_t pid) {
    const auto text = LinuxSys().read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
    return text ? text->substr(text->rfind(')') + 2, 1) : std::string();
}

void wait_for_command_line(pid_t pid, const std::string& name) {
    const std::string path = "/proc/" + std::to_string(pid) + "/cmdline";
    LinuxSys sys;
    const Instant limit = deadline_after(sys.now(), milliseconds(10'000));
    while (sys.now() < limit) {
        const auto text = sys.read_file(path, 4096);
        if (text && text->starts_with(name)) return;
        (void)sched_yield();
    }
    EXPECT(false);
}

void ends_all_but_the_marked() {
    Parent one;
    const pid_t marked = start_payload("@storage");
    const pid_t plain = start_payload("plain");
    wait_for_command_line(marked, "@storage");
    wait_for_command_line(plain, "plain");
    one.supervisor.end_all_processes(milliseconds(5'000));
    (void)one.supervisor.wait(deadline_after(one.sys.now(), milliseconds(20)), false);
    EXPECT(state_of(plain).empty());
    EXPECT(state_of(marked) == "S");
    (void)kill(marked, SIGKILL);
}

void ctrl_alt_del_ends_a_stage() {
    Parent one;
    const ChildEnd end = one.run([]() -> std::string {
        (void)kill(1, SIGINT);
        spin();
    });
    EXPECT(end.kind == ChildEnd::Kind::kStopped);
    EXPECT(end.request == StopRequest::kCtrlAltDel);
    EXPECT(one.supervisor.stop_requested());
}

// Cancels the child once it has said something through the watched pipe.
class Canceller final : public Watch {
  public:
    Canceller(Supervisor& supervisor, int fd) : supervisor_(supervisor), fd_(fd) {}
    void add_poll_entries(std::vector<pollfd>& entries) override {
        entries.push_back({fd_, POLLIN, 0});
    }
    void react(std::span<const pollfd> entries) override {
        EXPECT(entries.size() == 1 && entries[0].fd == fd_);
        char byte = 0;
        if ((entries[0].revents & POLLIN) == 0 || read(fd_, &byte, 1) != 1) return;
        EXPECT(byte == 'x');
        supervisor_.cancel_child();
    }

  private:
    Supervisor& supervisor_;
    int fd_;
};

void a_watch_cancels_a_child() {
    Parent one;
    open_lifeline();
    Canceller canceller(one.supervisor, g_lifeline[0]);
    one.supervisor.watch(canceller);
    const ChildEnd end = one.run([]() -> std::string {
        (void)!write(g_lifeline[1], "x", 1);
        spin();
    });
    EXPECT(end.kind == ChildEnd::Kind::kCancelled);
    const Error error = outcome_of(end, "test", milliseconds(100)).error();
    EXPECT(error->kind == ErrorKind::kStopped && error->detail == "interrupted");
    one.supervisor.unwatch(canceller);
    const ChildEnd next = one.run([]() -> std::string { return "whole"; });
    EXPECT(next.kind == ChildEnd::Kind::kExited && next.message == "whole");
}

void children_get_the_original_state_back() {
    Parent one;
    const ChildEnd end = one.run([]() -> std::string {
        sigset_t mask;
        (void)sigprocmask(SIG_SETMASK, nullptr, &mask);
        const bool blocked = sigismember(&mask, SIGTERM) == 1 || sigismember(&mask, SIGCHLD) == 1;
        return std::string(blocked ? "blocked" : "free") + (getpgrp() == getpid() ? " leads" : "");
    });
    EXPECT(end.message == "free leads");
}

// In a pid namespace reboot(2) ends its PID 1 with a signal that says which one was asked for.
void reboots_after_ctrl_alt_del() {
    static Parent one;
    (void)kill(getpid(), SIGINT);
    (void)one.supervisor.wait(deadline_after(one.sys.now(), milliseconds(5'000)), false);
    EXPECT(one.supervisor.stop_requested());
    stop_machine(StopKind::kReboot, one.sys, one.supervisor, one.log);
}

void powers_off() {
    static Parent one;
    stop_machine(StopKind::kPowerOff, one.sys, one.supervisor, one.log);
}

// A machine whose drivers hold up every stop; its body ends where PID 1 helps itself.
struct HeldUpSys final : ForwardingSys {
    Supervisor* supervisor = nullptr;
    Result<> stop_machine(StopKind) override {
        while (true) (void)pause();
    }
    Result<> write_file(const std::string& path, const std::string& data) override {
        speak("wrote " + data + " to " + path);
        // One turn of the loop, in which a watchdog would be fed.
        supervisor->wait_for_event(deadline_after(now(), milliseconds(20)));
        _exit(0);
    }
};

class Dog final : public Watch {
  public:
    void on_child_over() override { is_over_ = true; }
    void react(std::span<const pollfd>) override {
        if (is_over_) speak("fed");
    }

  private:
    bool is_over_ = false;
};

void a_stop_that_hangs() {
    static Parent one;
    static HeldUpSys held_up;
    static Dog dog;
    held_up.supervisor = &one.supervisor;
    one.supervisor.watch(dog);
    stop_at_once(StopKind::kReboot, held_up, one.supervisor, milliseconds(100));
}

void check_stop(void (*body)(), int expected_signal) {
    const SandboxEnd end = run_in_sandbox(body);
    if (!end.available) {
        MESSAGE("SKIPPED, no namespaces here: " << end.text);
        return;
    }
    CHECK(end.text.empty());
    CHECK(end.status == 128 + expected_signal);
}

}  // namespace

TEST_CASE("supervisor: every death of a child has a name") {
    CHECK_IN_SANDBOX(names_every_death);
}
TEST_CASE("supervisor: a child that spins is killed at its deadline") {
    CHECK_IN_SANDBOX(kills_at_the_deadline);
}
TEST_CASE("supervisor: a child that floods its pipe is cut off") {
    CHECK_IN_SANDBOX(a_flood_stays_bounded);
}
TEST_CASE("supervisor: a pipe that closes early is not the end of the child") {
    CHECK_IN_SANDBOX(a_child_that_closes_its_pipe_is_waited_for);
}
TEST_CASE("supervisor: grandchildren die with their group") {
    CHECK_IN_SANDBOX(the_whole_group_is_killed);
}
TEST_CASE("supervisor: orphans are reaped") {
    CHECK_IN_SANDBOX(orphans_are_reaped);
}
TEST_CASE("supervisor: all processes end but those that ask to stay") {
    CHECK_IN_SANDBOX(ends_all_but_the_marked);
}
TEST_CASE("supervisor: Ctrl-Alt-Del ends a stage") {
    CHECK_IN_SANDBOX(ctrl_alt_del_ends_a_stage);
}
TEST_CASE("supervisor: what is watched may end the child that is waited for") {
    CHECK_IN_SANDBOX(a_watch_cancels_a_child);
}
TEST_CASE("supervisor: a child gets signals and a group of its own") {
    CHECK_IN_SANDBOX(children_get_the_original_state_back);
}
TEST_CASE("stop: Ctrl-Alt-Del does not keep the machine from its reboot") {
    check_stop(reboots_after_ctrl_alt_del, SIGHUP);
}
TEST_CASE("stop: drivers that hold up a reboot are left out, and the watchdog is not fed") {
    const SandboxEnd end = run_in_sandbox(a_stop_that_hangs);
    if (!end.available) {
        MESSAGE("SKIPPED, no namespaces here: " << end.text);
        return;
    }
    CHECK(end.text == "wrote b to /proc/sysrq-trigger\n");
}
TEST_CASE("stop: power off") {
    check_stop(powers_off, SIGINT);
}

}  // namespace prologue::ns
