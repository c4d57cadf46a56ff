// SPDX-License-Identifier: MIT
// What the child of a stage does with its step. A file of its own, so that the program of the boot
// tests, whose children misbehave, can put another in its place: this one holds nothing of it.
#pragma once

#include "stages/stage.h"

namespace prologue {

Result<StageOutcome> call_stage(const Step& step, StageContext& context);

}  // namespace prologue
