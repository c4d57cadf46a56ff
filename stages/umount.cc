// SPDX-License-Identifier: MIT
// stages/umount.cc: unmounts one directory.   Source: umount2(2).
#include "stages/stages.h"

namespace prologue {
namespace {

enum : std::size_t { kTarget };
constexpr OptionSpec kOptions[] = {
    {"dir", ValueKind::kPath, Need::kPositional, "the mount point to unmount", ""},
};

void plan_umount(const Step& step, PlanContext& context) {
    const config::Word* target = step.find(kTarget);
    if (target != nullptr && target->is_literal()) context.note_umount(target->text());
}

Result<StageOutcome> run_umount(const Arguments& arguments, StageContext& context) {
    TRY_VOID(context.mounter.unmount(arguments.text(kTarget)));
    StageOutcome outcome;
    outcome.summary = arguments.text(kTarget);
    return outcome;
}

}  // namespace

constinit const StageType kUmountStage = {
    "umount",  "unmount one directory", kOptions, false, Ending::kNone, false, plan_umount,
    run_umount};

}  // namespace prologue
