// SPDX-License-Identifier: MIT
// Somebody wants the machine to stop, whatever PID 1 is at.
#pragma once

#include <cstdint>

#include "init/base/literal.h"
#include "init/base/sys.h"

namespace prologue {

// The signals are those of BusyBox's init, whose reboot, halt and poweroff send them.
enum class StopRequest : std::uint8_t {
    kNone,
    kCtrlAltDel,   // SIGINT, which the kernel sends once it has lost that key to PID 1
    kPowerButton,  // KEY_POWER
    kTerm,         // SIGTERM: reboot
    kUser1,        // SIGUSR1: halt
    kUser2,        // SIGUSR2: power off
};

// What asked for it: "Ctrl-Alt-Del", "power button", "SIGTERM".
Literal name_of(StopRequest request);
// The end that it asks for; a reboot for kNone.
StopKind stop_kind_of(StopRequest request);
// "rebooting", "powering off", "halting".
Literal doing(StopKind kind);

}  // namespace prologue
