// SPDX-License-Identifier: MIT
// Runs a stage in a child of PID 1, on the real system, and says what became of it.
#pragma once

#include "init/executor.h"
#include "init/supervisor.h"

namespace prologue {

class ForkingRunner final : public StageRunner {
  public:
    // `argv` and `envp` are PID 1's own; all must outlive the runner.
    ForkingRunner(Sys& sys, Supervisor& supervisor, char* const* argv, char* const* envp);
    Result<StageOutcome> run(const StageRun& run) override;

  private:
    Sys& sys_;
    Supervisor& supervisor_;
    char* const* argv_;
    char* const* envp_;
};

// What a child's end means: its report, or a crash, a timeout, a stop by Ctrl-Alt-Del.
Result<StageOutcome> outcome_of(const ChildEnd& end, Literal stage, Duration bound);

}  // namespace prologue
