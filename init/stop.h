// SPDX-License-Identifier: MIT
// The machine's end by reboot(2). PID 1 itself never makes the call: where the firmware cannot do
// what is asked the kernel ends the caller, and the end of PID 1 is a panic.
#pragma once

#include "init/supervisor.h"

namespace prologue {

// How long the drivers may take to shut their devices down.
inline constexpr Duration kStopBound{2 * 60'000};

// Writes out and releases the filesystems (release.h), in a child, as long as the disks go on writing,
// then stops. What is left unclean is a warning in `log`. Never returns.
[[noreturn]] void stop_machine(StopKind kind, Sys& sys, Supervisor& supervisor, Log& log);

// Stops without writing anything out: for a person who says so. After `bound` nothing is watched any
// more, so that a watchdog resets the machine, and a reboot is done without the drivers. Never returns.
[[noreturn]] void stop_at_once(StopKind kind, Sys& sys, Supervisor& supervisor,
                               Duration bound = kStopBound);

}  // namespace prologue
