// SPDX-License-Identifier: MIT
#include "init/stage_call.h"

#include "init/executor.h"

namespace prologue {

Result<StageOutcome> call_stage(const Step& step, StageContext& context) {
    return run_stage_here(step, context);
}

}  // namespace prologue
