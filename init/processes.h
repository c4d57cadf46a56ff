// SPDX-License-Identifier: MIT
// Other processes as /proc shows them.   Source: proc(5).
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "init/base/sys.h"

namespace prologue {

// Sends `signal` to every user process but this one and those whose argv[0] begins with '@', and
// gives those that took it. Kernel threads and what is dead already are told apart by /proc.
std::vector<pid_t> signal_other_processes(int signal, Sys& sys);

// True until all of them are gone and reaped: a zombie is still there.
bool any_is_left(const std::vector<pid_t>& processes);

// "waiting in io_schedule: [<0>] folio_wait_bit…": where a stuck process sleeps in the kernel.
std::string kernel_state_of(pid_t pid, Sys& sys);

}  // namespace prologue
