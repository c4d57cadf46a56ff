// SPDX-License-Identifier: MIT
// stages/supervise.cc: PID 1 stays, and looks after the services. The child has nothing to prepare
// (Ending says what PID 1 does).   Source: init(1) of BusyBox, for the signals that end it.
#include "stages/stages.h"

namespace prologue {
namespace {

void plan_supervise(const Step& step, PlanContext& context) {
    if (context.has_service()) return;
    context.diagnostics().warning(step.line, "no line before this one starts a service",
                                  "the machine then waits until somebody stops it");
}

Result<StageOutcome> run_supervise(const Arguments&, StageContext&) {
    return StageOutcome{};
}

}  // namespace

constinit const StageType kSuperviseStage = {.keyword = "supervise",
                                             .summary = "stay, and look after the services",
                                             .options = {},
                                             .ending = Ending::kSupervise,
                                             .plan = plan_supervise,
                                             .run = run_supervise};

}  // namespace prologue
