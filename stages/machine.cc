// SPDX-License-Identifier: MIT
// stages/machine.cc: reboot, poweroff, halt. The child has nothing to prepare: PID 1 stops the
// machine itself once everything is synced (Ending says how).   Source: reboot(2).
#include "stages/stages.h"

namespace prologue {
namespace {

Result<StageOutcome> run_stop(const Arguments&, StageContext&) {
    return StageOutcome{};
}

}  // namespace

constinit const StageType kRebootStage = {
    "reboot", "restart the machine", {}, false, Ending::kReboot, false, nullptr, run_stop};
constinit const StageType kPowerOffStage = {
    "poweroff", "switch the machine off", {}, false, Ending::kPowerOff, false, nullptr, run_stop};
constinit const StageType kHaltStage = {
    "halt", "stop the machine, power stays on", {}, false, Ending::kHalt, false, nullptr, run_stop};

}  // namespace prologue
