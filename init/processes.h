// SPDX-License-Identifier: MIT
// Other processes as /proc shows them.   Source: proc(5).
#pragma once

#include <string>

#include <sys/types.h>

#include "init/base/sys.h"

namespace prologue {

// Sends `signal` (0 = only count) to every user process but this one and those whose argv[0] begins
// with '@'. Kernel threads, zombies and processes in D state that ignore it are told apart by /proc:
// the count is of those that were still there to be signalled.
std::size_t signal_other_processes(int signal, Sys& sys);

// "waiting in io_schedule: [<0>] folio_wait_bit…": where a stuck process sleeps in the kernel.
std::string kernel_state_of(pid_t pid, Sys& sys);

}  // namespace prologue
