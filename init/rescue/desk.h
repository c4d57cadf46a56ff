// SPDX-License-Identifier: MIT
// Answers the lines that shells send to PID 1: what they want to know of the boot, and stage lines,
// which are planned as those of the config are and run in a child of PID 1. What a line wants of the
// boot itself (go on, stop) is left to the caller.
#pragma once

#include <string>

#include "init/executor.h"
#include "init/rescue/shells.h"
#include "init/rescue/typed_line.h"

namespace prologue::rescue {

// What of a boot a shell works on. All must outlive the desk.
struct DeskParts {
    Sys& sys;
    Supervisor& supervisor;
    KernelLog& log;
    Executor& executor;
    config::Values& values;
    const Plan& plan;
    std::string board;
    const std::string& failure;  // the block that `why` shows; empty without a failure
};

// What a line wants.
struct Wish {
    enum class Kind : std::uint8_t {
        kNothing,  // it is answered
        kRetry,
        kSkip,
        kContinue,
        kEnding,  // a line that ends a config was typed and went well; see `end`
        kReboot,
        kPowerOff,
    };
    Kind kind = Kind::kNothing;
    bool at_once = false;  // `reboot -f`
    PlanEnd end;
};

class Desk {
  public:
    Desk(const DeskParts& parts, Shells& shells) : parts_(parts), shells_(shells) {}
    // Runs link.line and shows what there is to say. The caller finishes the line.
    Wish answer(ShellLink& link);

  private:
    Wish run_stage_line(ShellLink& link);

    DeskParts parts_;
    Shells& shells_;
};

// The text of `status`: a row for each line of the config.
std::string format_status(const Plan& plan, const Executor& executor);

}  // namespace prologue::rescue
