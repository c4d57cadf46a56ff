// SPDX-License-Identifier: MIT
// Everything in a handler is async-signal-safe: no allocation, no locks, only system calls.
#include "init/crash.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <poll.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "init/report.h"

namespace prologue {
namespace {

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};

volatile int g_delay_ms = 10'000;
volatile sig_atomic_t g_dying = 0;  // a fault inside a handler must not start over
// The ready-made report of a child that runs out of memory, and where it goes.
char g_memory_report[512];
std::size_t g_memory_report_size = 0;
int g_memory_report_fd = -1;

void say(const char* path, const char* prefix, const char* what) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return;  // a console that is not there changes nothing about the reboot
    char text[256];
    std::size_t used = 0;
    for (const char* part :
         {prefix, "prologue: internal fault in PID 1: ", what, "; rebooting\n"}) {
        const std::size_t length = std::min(strlen(part), sizeof text - used);
        memcpy(text + used, part, length);  // NOLINT(bugprone-not-null-terminated-result): counted
        used += length;
    }
    (void)!write(fd, text, used);
    (void)close(fd);
}

[[noreturn]] void last_words(const char* what) {
    const bool first = g_dying == 0;
    g_dying = 1;
    if (first) {
        say("/dev/kmsg", "<2>", what);
        say("/dev/console", "\n", what);
        // A disk that does not answer holds up the child alone.
        if (fork() == 0) {
            sync();
            _exit(0);
        }
        // Not synchronisation: a person gets the time to read.
        (void)poll(nullptr, 0, g_delay_ms);
    }
    (void)reboot(RB_AUTOBOOT);
    for (;;) (void)poll(nullptr, 0, -1);  // an exit would be a kernel panic
}

const char* name_of_fault(int signal) {
    switch (signal) {
        case SIGSEGV: return "segmentation fault (SIGSEGV)";
        case SIGBUS: return "bus error (SIGBUS)";
        case SIGILL: return "illegal instruction (SIGILL)";
        case SIGFPE: return "arithmetic fault (SIGFPE)";
        case SIGSYS: return "bad system call (SIGSYS)";
        case SIGTRAP: return "trap (SIGTRAP)";
        default: return "aborted (SIGABRT)";
    }
}

void on_fault(int signal, siginfo_t* info, void*) {
    // What a process sent is no fault of ours: the kernel keeps all other signals from PID 1, too.
    if (info->si_code <= 0) return;
    last_words(name_of_fault(signal));
}

void on_out_of_memory() {
    if (g_memory_report_fd >= 0) {
        (void)!write(g_memory_report_fd, g_memory_report, g_memory_report_size);
        _exit(0);
    }
    if (getpid() == 1) last_words("out of memory");
    std::set_new_handler(nullptr);
}

}  // namespace

void install_crash_handlers(std::span<char> memory) {
    stack_t stack{};
    stack.ss_sp = memory.data();
    stack.ss_size = memory.size();
    (void)sigaltstack(&stack, nullptr);
    catch_faults();
    std::set_new_handler(on_out_of_memory);
}

void catch_faults() {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (const int fault : kFaults) (void)sigaction(fault, &action, nullptr);
}

void set_crash_delay(Duration delay) {
    g_delay_ms = static_cast<int>(std::min<long long>(delay.count(), 60'000));
}

void restore_default_signals() {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (const int fault : kFaults) (void)sigaction(fault, &action, nullptr);
}

void set_report_for_out_of_memory(Literal stage, int fd) {
    Error error = Error::system(stage, ENOMEM);
    error->hint = "give the machine more memory, or the stage less to do";
    const std::string report = encode_report(fail(std::move(error)));
    g_memory_report_size = std::min(report.size(), sizeof g_memory_report);
    memcpy(g_memory_report, report.data(), g_memory_report_size);
    g_memory_report_fd = fd;
}

void die_of_exit(int status) {
    if (getpid() == 1) last_words("an exit");
    (void)fflush(nullptr);
    _exit(status);
}

void die_of_abort() {
    if (getpid() == 1) last_words("aborted");
    restore_default_signals();
    (void)raise(SIGABRT);
    (void)raise(SIGKILL);
    _exit(127);
}

}  // namespace prologue
