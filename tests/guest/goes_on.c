// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "tests/guest/goes_on.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

// It stops behind the call that it waits in.
static int stop(pid_t pid, struct user_regs_struct* registers) {
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0 ||
        ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 || waitpid(pid, NULL, __WALL) != pid ||
        ptrace(PTRACE_GETREGS, pid, NULL, registers) != 0)
        return -1;
    registers->orig_rax = (unsigned long long)-1;  // or the kernel would begin the call again
    return 0;
}

static int let_go(pid_t pid, const struct user_regs_struct* registers) {
    if (ptrace(PTRACE_SETREGS, pid, NULL, registers) != 0) return -1;
    return ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0 ? -1 : 0;
}

int goes_on_at(pid_t pid, unsigned long address) {
    enum { kRedZone = 128, kAlignment = 16, kReturnAddress = 8 };
    struct user_regs_struct registers;
    if (stop(pid, &registers) != 0) return -1;
    registers.rsp = (registers.rsp - kRedZone) / kAlignment * kAlignment - kReturnAddress;
    registers.rip = address;
    return let_go(pid, &registers);
}
