/* SPDX-License-Identifier: MIT */
// What another process can be made to do behind its back.   Source: ptrace(2).
#pragma once

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Lets a process that waits in a system call go on at this address, as if called from nowhere. 0, or -1
// when it could not.
int goes_on_at(pid_t pid, unsigned long address);

#ifdef __cplusplus
}
#endif
