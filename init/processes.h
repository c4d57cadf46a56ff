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

// The process of the group that began last, which the others may be waiting for; the leader without any.
pid_t newest_of_group(pid_t group, Sys& sys);

// "mount was waiting in io_schedule; not answered yet: vdb", or "mount was running": what a process is at
// that takes too long, and the disks that have requests of anybody's.
std::string activity_of(pid_t pid, Sys& sys);
// The top of its kernel stack, "[<0>] blk_io_schedule+0x1a/0x40 [<0>] …"; empty when it is not shown.
std::string kernel_stack_of(pid_t pid, Sys& sys);

}  // namespace prologue
