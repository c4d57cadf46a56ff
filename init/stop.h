// SPDX-License-Identifier: MIT
// The machine's end by reboot(2). PID 1 itself never makes the call: where the firmware cannot do
// what is asked the kernel ends the caller, and the end of PID 1 is a panic.
#pragma once

#include "init/supervisor.h"

namespace prologue {

// Drains the consoles and syncs, each within a bound, then stops. Never returns.
[[noreturn]] void stop_machine(StopKind kind, Sys& sys, Supervisor& supervisor);

}  // namespace prologue
