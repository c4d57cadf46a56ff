// SPDX-License-Identifier: MIT
// PID 1's one loop: children, signals, deadlines and consoles. Nothing else in PID 1 waits.
#pragma once

#include <csignal>
#include <span>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

#include "init/base/fd.h"
#include "init/base/sys.h"
#include "init/consoles.h"
#include "init/power_button.h"
#include "init/stop_request.h"
#include "init/watch.h"

namespace prologue {

// What a child may say: a report, or a whole config text and a few bytes around it.
inline constexpr std::size_t kMaxMessage = 65 * 1024;

// How long PID 1 waits for a child before it looks for a power button. A boot that takes no longer
// does not pay for the look, and nobody reaches for the button so soon.
inline constexpr Duration kButtonPatience{500};

// How a child ended.
struct ChildEnd {
    enum class Kind : std::uint8_t {
        kExited,     // by itself; `status` is wait(2)'s
        kKilled,     // by us, at its deadline
        kStuck,      // its group did not die of SIGKILL within kKillGrace and is left behind
        kStopped,    // by us, since a person wants the machine to stop: see `request`
        kCancelled,  // by us, since Supervisor::cancel_child() was called
    };
    Kind kind = Kind::kExited;
    int status = 0;
    std::string message;  // what it wrote into its pipe, at most kMaxMessage bytes
    StopRequest request = StopRequest::kNone;
    // kKilled, kStuck: what it, or what it had started, was at when its time was over.
    std::string activity;
    std::string kernel_stack;  // kStuck: the top of it
};

// What children and the real init get back.
struct OriginalState {
    sigset_t signal_mask{};
    rlimit data_limit{};
};

class ChildTask {
  public:
    virtual ~ChildTask() = default;
    // Both run in the child, one behind the other; what they return is written into the pipe at once, so
    // that PID 1 has what begin() says even when run() comes to no end.
    virtual std::string begin() { return {}; }
    virtual std::string run() = 0;
};

// A child that stays. run() is called in it; when it returns the child exits with status 0.
class SessionTask {
  public:
    virtual ~SessionTask() = default;
    virtual void run() = 0;
};

class Supervisor {
  public:
    // All three must outlive it.
    Supervisor(Sys& sys, Consoles& consoles, Log& log)
        : sys_(sys), consoles_(consoles), power_button_(sys, log) {}

    // Blocks all signals but faults, opens the signalfd, takes Ctrl-Alt-Del from the kernel, bounds
    // PID 1's own memory. Once more after restore().
    Result<> open();
    // From now on SIGTERM, SIGUSR1 and SIGUSR2 are requests to stop, as Ctrl-Alt-Del always is.
    Result<> heed_stop_signals();
    // Gives the signal mask, limits and Ctrl-Alt-Del back, for the exec of the real init.
    void restore();

    // Forks, runs `task` in the child in a process group of its own, and waits for its end or for
    // `deadline`. After kKilled and kStuck its whole group has been sent SIGKILL.
    Result<ChildEnd> run_child(Literal name, ChildTask& task, Instant deadline);

    // Ends the child that run_child() is waiting for, as at its deadline: for a Watch. Without one it
    // does nothing.
    void cancel_child() { cancelled_ = true; }
    // Forks a child that stays, the leader of a session of its own, with the original signals and
    // limits and with PID 1's descriptors. The watches hear of its end.
    Result<pid_t> start(Literal name, SessionTask& task);
    // Part of the loop until unwatch(); neither may be called by a Watch.
    void watch(Watch& watch) { watches_.push_back(&watch); }
    void unwatch(Watch& watch) { std::erase(watches_, &watch); }
    void unwatch_all() { watches_.clear(); }
    // Returns after one event of any kind, or at `deadline`.
    void wait_for_event(Instant deadline) { poll_once(nullptr, deadline, false, nullptr, nullptr); }

    // Waits until `deadline`, a key on a console (when `keys`) or a request to stop; flushes consoles.
    // The caller prepares the keys, before it asks for one; their lines are as they were when this
    // returns.
    void wait(Instant deadline, bool keys);
    // Looks for a power button now. The caller does so before it tells a person that it waits; a
    // press that comes earlier than the look is lost.
    void watch_power_button() { power_button_.arm(); }
    // Before the machine stops: gives the consoles, those that Ctrl-S has stopped as well, until
    // `deadline` to take and send what is queued.
    void drain_consoles(Instant deadline);

    // Ends every other process: SIGTERM, at most `grace`, SIGKILL, at most `grace`, also for those that
    // began meanwhile. Those whose argv[0] begins with '@' stay (systemd's rule for storage daemons).
    // False when there was no other process.
    bool end_all_processes(Duration grace);

    // The first one counts.
    [[nodiscard]] StopRequest stop_request() const { return stop_request_; }
    [[nodiscard]] bool stop_requested() const { return stop_request_ != StopRequest::kNone; }
    // Forgets them for good: the machine is being stopped already, and the children that do it must
    // not be ended by the very request.
    void ignore_stop_requests();

  private:
    struct Child {
        pid_t pid = -1;
        Fd pipe;
        bool reaped = false;
        int status = 0;
    };
    void become_child(Literal name) const;
    [[noreturn]] void run_in_child(Literal name, ChildTask& task, int report) const;
    [[nodiscard]] Instant next_turn(Instant deadline) const;
    void poll_once(Child* child, Instant deadline, bool keys, std::string* message, bool* key);
    void handle_signals();
    void request_stop(StopRequest request);
    void reap(Child* child);
    void kill_and_collect(Child& child, ChildEnd& end);

    Sys& sys_;
    Consoles& consoles_;
    Fd signals_;
    OriginalState original_;
    PowerButton power_button_;
    std::vector<Watch*> watches_;
    bool cancelled_ = false;
    StopRequest stop_request_ = StopRequest::kNone;
    bool heeds_stop_requests_ = true;
    bool heeds_signals_ = false;  // SIGTERM and its like
};

}  // namespace prologue
