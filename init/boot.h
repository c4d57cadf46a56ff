// SPDX-License-Identifier: MIT
// PID 1 from its first instruction to the exec of the real init, or to a stopped machine.
#pragma once

namespace prologue {

// Runs as PID 1. Never returns: it ends in an exec, in reboot(2), or in its waiting loop.
[[noreturn]] void boot(char** argv, char** envp);

}  // namespace prologue
