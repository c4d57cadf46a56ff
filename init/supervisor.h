// SPDX-License-Identifier: MIT
// PID 1's one loop: children, signals, deadlines and consoles. Nothing else in PID 1 waits.
#pragma once

#include <csignal>
#include <string>

#include <sys/resource.h>
#include <sys/types.h>

#include "init/base/fd.h"
#include "init/base/sys.h"
#include "init/consoles.h"

namespace prologue {

// What a child may say: a report, or a whole config text and a few bytes around it.
inline constexpr std::size_t kMaxMessage = 65 * 1024;

// How a child ended.
struct ChildEnd {
    enum class Kind : std::uint8_t {
        kExited,    // by itself; `status` is wait(2)'s
        kKilled,    // by us, at its deadline
        kStuck,     // it did not die of SIGKILL within kKillGrace and is left behind
        kStopped,   // by us, since Ctrl-Alt-Del was pressed
    };
    Kind kind = Kind::kExited;
    int status = 0;
    std::string message;       // what it wrote into its pipe, at most kMaxMessage bytes
    std::string kernel_state;  // kStuck: wchan and the top of its kernel stack
};

// What children and the real init get back.
struct OriginalState {
    sigset_t signal_mask{};
    rlimit data_limit{};
};

class ChildTask {
  public:
    virtual ~ChildTask() = default;
    // Runs in the child; what it returns is written into the pipe. Must not return an error upwards.
    virtual std::string run() = 0;
};

class Supervisor {
  public:
    Supervisor(Sys& sys, Consoles& consoles) : sys_(sys), consoles_(consoles) {}

    // Blocks all signals but faults, opens the signalfd, takes Ctrl-Alt-Del from the kernel, bounds
    // PID 1's own memory.
    Result<> open();
    // Gives the signal mask, limits and Ctrl-Alt-Del back, for the exec of the real init.
    void restore();

    // Forks, runs `task` in the child in a process group of its own, and waits for its end or for
    // `deadline`. After kKilled and kStuck its whole group has been sent SIGKILL.
    Result<ChildEnd> run_child(Literal name, ChildTask& task, Instant deadline);

    // Waits until `deadline`, a key on a console (when `keys`) or Ctrl-Alt-Del; flushes consoles. The
    // caller prepares the keys, before it asks for one; their lines are as they were when this returns.
    enum class WaitEnd : std::uint8_t { kDeadline, kKey, kCtrlAltDel };
    WaitEnd wait(Instant deadline, bool keys);
    // Gives the consoles until `deadline` to take what is queued.
    void drain_consoles(Instant deadline);

    // Ends every other process: SIGTERM, at most `grace`, SIGKILL. Those whose argv[0] begins with
    // '@' stay (systemd's rule for storage daemons).
    void end_all_processes(Duration grace);

    [[nodiscard]] bool stop_requested() const { return stop_requested_; }
    // Forgets Ctrl-Alt-Del for good: the machine is being stopped already, and the children that do
    // it must not be ended by the very request.
    void ignore_stop_requests();

  private:
    struct Child {
        pid_t pid = -1;
        Fd pipe;
        bool reaped = false;
        int status = 0;
    };
    [[noreturn]] void run_in_child(Literal name, ChildTask& task, int report) const;
    void poll_once(Child* child, Instant deadline, bool keys, std::string* message, bool* key);
    void handle_signals();
    void reap(Child* child);
    void kill_and_collect(Child& child, ChildEnd& end);

    Sys& sys_;
    Consoles& consoles_;
    Fd signals_;
    OriginalState original_;
    bool stop_requested_ = false;
    bool heeds_stop_requests_ = true;
};

}  // namespace prologue
