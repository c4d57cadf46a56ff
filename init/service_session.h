// SPDX-License-Identifier: MIT
// The child's side of a service: its terminal, and the program.
#pragma once

#include "init/log.h"
#include "init/supervisor.h"
#include "stages/stage.h"

namespace prologue {

// Whose a service's terminal is. A session leader that ends hangs up the terminal that it owns, and
// what has been typed there is lost: one that crashes must not own what somebody types at elsewhere.
enum class TerminalUse {
    kTake,        // its own, whoever had it
    kTakeIfFree,  // its own, unless another session has it
    kWrite,       // for its output alone
};

// Opens the terminal as descriptors 0 to 2 of the caller, who leads a session without one. One that
// becomes the session's own gets the modes of a terminal that a person types at; an earlier program may
// have died in others. Else the input is /dev/null, where there is one. A console that has no node is
// the one that PID 1 was started with.   Source: ioctl_tty(2), termios(3); disassociate_ctty() of Linux
// drivers/tty/tty_jobctrl.c.
Result<> open_terminal(const std::string& name, TerminalUse use);

class ServiceSession final : public SessionTask {
  public:
    // Both must outlive it.
    ServiceSession(const ServiceOrder& order, TerminalUse use, Log& log)
        : order_(order), use_(use), log_(log) {}
    void run() override;

  private:
    const ServiceOrder& order_;
    TerminalUse use_;
    Log& log_;
};

}  // namespace prologue
