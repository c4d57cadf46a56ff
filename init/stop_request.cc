// SPDX-License-Identifier: MIT
#include "init/stop_request.h"

namespace prologue {

Literal name_of(StopRequest request) {
    switch (request) {
        case StopRequest::kNone: break;
        case StopRequest::kCtrlAltDel: return "Ctrl-Alt-Del";
        case StopRequest::kPowerButton: return "power button";
        case StopRequest::kTerm: return "SIGTERM";
        case StopRequest::kUser1: return "SIGUSR1";
        case StopRequest::kUser2: return "SIGUSR2";
    }
    return "nobody";
}

StopKind stop_kind_of(StopRequest request) {
    switch (request) {
        case StopRequest::kPowerButton:
        case StopRequest::kUser2: return StopKind::kPowerOff;
        case StopRequest::kUser1: return StopKind::kHalt;
        default: return StopKind::kReboot;
    }
}

Literal doing(StopKind kind) {
    switch (kind) {
        case StopKind::kPowerOff: return "powering off";
        case StopKind::kHalt: return "halting";
        case StopKind::kReboot: break;
    }
    return "rebooting";
}

}  // namespace prologue
