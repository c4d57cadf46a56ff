// SPDX-License-Identifier: MIT
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/base/fd.h"
#include "init/base/program.h"
#include "init/base/sys_linux.h"

namespace prologue {
namespace {

// Where the child's errno stands: it may not be traced at all, so nothing was executed.
constexpr int kNoTracing = -1;

// Between vfork and exec the parent's memory is in use: system calls alone, no return. The errno of a
// failed exec goes through the pipe, which closes by itself when the exec succeeds.
[[noreturn]] void exec_child(const char* path, char* const* argv, char* const* envp, bool traced,
                             int report) {
    int failure = kNoTracing;
    if (!traced || ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) {
        (void)execve(path, argv, envp);
        failure = errno;
    }
    (void)!write(report, &failure, sizeof failure);
    _exit(127);
}

struct Started {
    pid_t pid = -1;
    Fd report;
};

Result<Started> start(const ProgramCall& call, bool traced) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(Error::system("pipe", errno));
    Fd read_end(ends[0]);
    const Fd write_end(ends[1]);
    const std::vector<char*> argv = pointers_to(call.argv);
    const std::vector<char*> envp = pointers_to(call.envp);
    // Nothing is left of this program after the exec, so a copy of it would be made for nothing.
    // NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork): the child does
    // nothing but call the kernel, and ends in the exec or in _exit(2).
    const pid_t pid = vfork();
    if (pid < 0) return fail(Error::system("fork", errno));
    if (pid == 0) exec_child(call.path.c_str(), argv.data(), envp.data(), traced, write_end.get());
    // NOLINTEND(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork)
    return Started{pid, std::move(read_end)};
}

// 0 when the pipe closed without a word: the exec succeeded.
int exec_failure(const Started& started) {
    int failure = 0;
    ssize_t got = 0;
    do {
        got = read(started.report.get(), &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    return got == static_cast<ssize_t>(sizeof failure) ? failure : 0;
}

Result<int> wait_for(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return fail(Error::system("wait", errno));
    }
    return status;
}

// A truncated file is mapped as well as a whole one and dies by SIGBUS where it begins: one
// instruction of user space, which changes nothing outside, tells. Machines that cannot step pass.
Result<bool> survives_a_step(pid_t pid) {
    if (ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr) != 0) return true;
    const int status = TRY(wait_for(pid));
    return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

}  // namespace

Result<int> LinuxSys::run_program(const ProgramCall& call) {
    const Started started = TRY(start(call, false));
    const int failure = exec_failure(started);
    const int status = TRY(wait_for(started.pid));
    if (failure != 0) return fail(Error::system("exec", failure, call.path));
    return status;
}

Result<> LinuxSys::trial_exec(const ProgramCall& call) {
    const Started started = TRY(start(call, true));
    int status = TRY(wait_for(started.pid));
    if (WIFSTOPPED(status)) {
        // The exec stop, ptrace(2): SIGTRAP right after a successful execve. It has run nothing yet.
        const Result<bool> alive = survives_a_step(started.pid);
        (void)kill(started.pid, SIGKILL);
        (void)wait_for(started.pid);
        if (alive && *alive) return {};
        return fail(Error::system("exec", ENOEXEC, call.path)
                        .with_detail("it dies at its first instruction: truncated or damaged"));
    }
    const int failure = exec_failure(started);
    // kernel.yama.ptrace_scope=3. Then the real exec has to tell the rest.
    if (failure == kNoTracing && access(call.path.c_str(), X_OK) == 0) return {};
    if (failure == kNoTracing) return fail(Error::system("exec", errno, call.path));
    if (failure != 0) return fail(Error::system("exec", failure, call.path));
    // Death without a word: the kernel gave up past the point of no return (a broken binary).
    return fail(Error::system("exec", ENOEXEC, call.path)
                    .with_detail("the kernel killed it while loading"));
}

}  // namespace prologue
