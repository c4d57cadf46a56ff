// SPDX-License-Identifier: MIT
// Children that stay, and what watches over them in PID 1's loop.
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

using std::chrono::milliseconds;

// What the loop told it, and whether it wants to be called.
class Listener final : public Watch {
  public:
    pid_t pid = -1;
    int status = -1;
    bool ended = false;
    int ready = -1;
    bool was_ready = false;
    Instant turn = kNever;
    unsigned turns = 0;

    void add_poll_entries(std::vector<pollfd>& entries) override {
        if (ready >= 0) entries.push_back({ready, POLLIN, 0});
    }
    [[nodiscard]] Instant wants_turn_at() const override { return turn; }
    void on_end(pid_t one, int how) override {
        if (one != pid) return;
        ended = true;
        status = how;
    }
    void react(std::span<const pollfd> entries) override {
        ++turns;
        turn = kNever;
        was_ready = entries.size() == 1 && (entries[0].revents & POLLIN) != 0;
    }
};

class FunctionSession final : public SessionTask {
  public:
    explicit FunctionSession(void (*body)()) : body_(body) {}
    void run() override { body_(); }

  private:
    void (*body_)();
};

struct Session : PidOne {
    Listener listener;
    explicit Session(void (*body)()) {
        supervisor.watch(listener);
        FunctionSession task(body);
        const Result<pid_t> pid = supervisor.start("session", task);
        EXPECT(pid.has_value());
        listener.pid = pid.value_or(-1);
    }
    void wait_for_the_end() {
        const Instant limit = deadline_after(sys.now(), milliseconds(20'000));
        while (!listener.ended && sys.now() < limit) supervisor.wait_for_event(limit);
        EXPECT(listener.ended);
    }
};

int g_ready[2] = {-1, -1};

// The one that PID 1 waits for is none of them, and its end does not end theirs.
void a_session_lives_beside_the_stages() {
    EXPECT(pipe2(g_ready, O_CLOEXEC) == 0);
    Session one([] {
        const bool leads = getsid(0) == getpid() && getpgrp() == getpid();
        sigset_t mask;
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGUSR1);
        (void)sigprocmask(SIG_BLOCK, &wanted, &mask);
        const bool blocked = sigismember(&mask, SIGTERM) == 1;
        (void)!write(g_ready[1], "x", 1);
        int signal = 0;
        (void)sigwait(&wanted, &signal);
        _exit(leads && !blocked ? 7 : 8);
    });
    const ChildEnd end = one.run([]() -> std::string { return "stage"; });
    EXPECT(end.message == "stage" && !one.listener.ended);
    char byte = 0;
    EXPECT(read(g_ready[0], &byte, 1) == 1);  // its mask is in place by now
    (void)kill(one.listener.pid, SIGUSR1);
    one.wait_for_the_end();
    EXPECT(WIFEXITED(one.listener.status) && WEXITSTATUS(one.listener.status) == 7);
}

// Also while a stage is at work.
void watches_get_their_turns() {
    Session one([] { _exit(3); });
    const ChildEnd end = one.run([]() -> std::string { spin(); }, milliseconds(200));
    EXPECT(end.kind == ChildEnd::Kind::kKilled && one.listener.ended);
    EXPECT(WEXITSTATUS(one.listener.status) == 3);
    one.listener.ended = false;
    one.listener.turns = 0;
    one.listener.turn = deadline_after(one.sys.now(), milliseconds(20));
    one.supervisor.wait(deadline_after(one.sys.now(), milliseconds(100)), false);
    EXPECT(one.listener.turns >= 2);
    int ends[2];
    EXPECT(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "x", 1) == 1);
    one.listener.ready = ends[0];
    one.supervisor.wait_for_event(kNever);
    EXPECT(one.listener.was_ready);
    one.supervisor.unwatch(one.listener);
    one.listener.turns = 0;
    one.supervisor.wait(deadline_after(one.sys.now(), milliseconds(20)), false);
    EXPECT(one.listener.turns == 0);
}

void stop_signals_count_once_they_are_heeded() {
    PidOne one;
    (void)kill(1, SIGUSR2);
    one.supervisor.wait(deadline_after(one.sys.now(), milliseconds(20)), false);
    EXPECT(!one.supervisor.stop_requested());
    EXPECT(one.supervisor.heed_stop_signals().has_value());
    one.supervisor.wait(kNever, false);
    EXPECT(one.supervisor.stop_request() == StopRequest::kUser2);
    EXPECT(stop_kind_of(one.supervisor.stop_request()) == StopKind::kPowerOff);
}

}  // namespace

TEST_CASE("supervisor: a session lives beside the stages") {
    CHECK_IN_SANDBOX(a_session_lives_beside_the_stages);
}
TEST_CASE("supervisor: watches get their turns") {
    CHECK_IN_SANDBOX(watches_get_their_turns);
}
TEST_CASE("supervisor: signals that stop the machine") {
    CHECK_IN_SANDBOX(stop_signals_count_once_they_are_heeded);
}

}  // namespace prologue::ns
