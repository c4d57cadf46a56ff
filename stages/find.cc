// SPDX-License-Identifier: MIT
// stages/find.cc: waits for a block device and gives it a name.
#include "stages/stages.h"

namespace prologue {
namespace {

enum : std::size_t { kSpec };
constexpr OptionSpec kOptions[] = {
    {"spec", ValueKind::kDevice, Need::kPositional,
     "UUID= LABEL= PARTUUID= PARTLABEL=, /dev/… or MAJ:MIN", ""},
};

void plan_find(const Step& step, PlanContext& context) {
    context.note_device_wait(step.line);
}

Result<StageOutcome> run_find(const Arguments& arguments, StageContext& context) {
    const Device device = TRY(resolve_device(arguments.text(kSpec), context, true));
    StageOutcome outcome;
    outcome.summary = describe_device(device);
    outcome.device = device;
    return outcome;
}

}  // namespace

constinit const StageType kFindStage = {
    "find",  "wait for a block device and name it", kOptions, true, Ending::kNone, false, plan_find,
    run_find};

}  // namespace prologue
