// SPDX-License-Identifier: MIT
// The child's side of a service: its terminal, and the program.
#pragma once

#include "init/log.h"
#include "init/supervisor.h"
#include "stages/stage.h"

namespace prologue {

// Opens the terminal as descriptors 0 to 2 of the caller, who leads a session without one, makes it
// the session's own, and gives it the modes of a terminal that a person types at; an earlier program
// may have died in others. A console that has no node is the one that PID 1 was started with.
// Source: ioctl_tty(2), termios(3).
Result<> take_terminal(const std::string& name);

class ServiceSession final : public SessionTask {
  public:
    // Both must outlive it.
    ServiceSession(const ServiceOrder& order, Log& log) : order_(order), log_(log) {}
    void run() override;

  private:
    const ServiceOrder& order_;
    Log& log_;
};

}  // namespace prologue
