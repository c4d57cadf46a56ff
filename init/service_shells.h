// SPDX-License-Identifier: MIT
// The built-in shell as a service: what `service shell` starts on a terminal. PID 1 answers what it
// asks while it supervises.
#pragma once

#include <optional>

#include "init/rescue/desk.h"

namespace prologue {

class ServiceShells {
  public:
    // All that `parts` name must outlive it. `environment` is for the programs of the shells.
    ServiceShells(const rescue::DeskParts& parts, char* const* environment);

    // Starts one on a terminal (a name below /dev), which asks for the password first where the
    // config has one; gives its process. Refused where `set rescue` lets
    // no shell open.
    Result<pid_t> start(const std::string& terminal);
    // Answers the lines that have come. The first wish that is the boot's to grant: to stop, or to go
    // where a typed line leads.
    std::optional<rescue::Wish> answer();

  private:
    std::optional<rescue::Wish> answer(rescue::ShellLink& link);

    rescue::DeskParts parts_;
    char* const* environment_;
    rescue::Shells shells_;
    rescue::Desk desk_;
};

}  // namespace prologue
