// SPDX-License-Identifier: MIT
// Faults of this program itself. PID 1 must not die: the kernel would panic. Its handlers say what
// happened on the console and in the kernel's log, give a person time to read it, and reboot.
#pragma once

#include <cstddef>
#include <span>

#include "init/base/clock.h"
#include "init/base/literal.h"

namespace prologue {

// It holds a frame for each of the signals: when they are sent at once, the kernel puts one on top of the
// other, with 2.7 KiB of registers each where there is AVX-512.
inline constexpr std::size_t kCrashStack = std::size_t{64} * 1024;

// Installs the handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS and SIGTRAP on `memory` as
// their stack, and the handler for memory that runs out. Called once, first thing, in PID 1. These
// signals do nothing when a process sent them.
void install_crash_handlers(std::span<char> memory);

// How long PID 1 shows its last words before it reboots (`set failure-delay`, panic=N).
void set_crash_delay(Duration delay);

// The handlers for signals once more, where restore_default_signals() has taken them away.
void catch_faults();

// Default dispositions again: in a child, and before the real init is executed.
void restore_default_signals();

// In a child: memory that runs out is told to PID 1 through `fd` instead of ending in an abort.
void set_report_for_out_of_memory(Literal stage, int fd);

// What abort() means here: in PID 1 the last words and a reboot, elsewhere death by SIGABRT.
[[noreturn]] void die_of_abort();

// What exit() means here, and a return from main(): in PID 1 the same, elsewhere the end that it is.
[[noreturn]] void die_of_exit(int status);

}  // namespace prologue
