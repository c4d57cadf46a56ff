// SPDX-License-Identifier: MIT
// stages/shell.cc: opens the rescue shell. PID 1 does that itself, once the child has come to its end: a
// shell outlives the child of any stage.
#include "stages/stages.h"

namespace prologue {
namespace {

void plan_shell(const Step& step, PlanContext& context) {
    if (context.is_locked())
        context.diagnostics().error(step.keyword, "a locked image has no shell", "remove the line");
}

Result<StageOutcome> run_nothing(const Arguments&, StageContext&) {
    return StageOutcome{};
}

}  // namespace

constinit const StageType kShellStage = {
    "shell", "stop in the rescue shell", {}, false, Ending::kNone, false, plan_shell, run_nothing};

}  // namespace prologue
