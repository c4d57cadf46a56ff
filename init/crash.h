// SPDX-License-Identifier: MIT
// Faults of this program itself. PID 1 must not die: the kernel would panic. Its handlers say what
// happened on the console and in the kernel's log, give a person time to read it, and reboot.
#pragma once

#include "init/base/clock.h"

namespace prologue {

// Installs the handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT and SIGSYS on a stack of their
// own, and the handler for memory that runs out. Called once, first thing, in PID 1.
void install_crash_handlers();

// How long PID 1 shows its last words before it reboots (`set failure-delay`, panic=N).
void set_crash_delay(Duration delay);

// Default dispositions again: in a child, and before the real init is executed.
void restore_default_signals();

// In a child: memory that runs out is told to PID 1 through `fd` instead of ending in an abort.
void set_report_for_out_of_memory(int fd);

// What abort() means here: in PID 1 the last words and a reboot, elsewhere death by SIGABRT.
[[noreturn]] void die_of_abort();

}  // namespace prologue
