// SPDX-License-Identifier: MIT
// prologue-init-faults: the same program, but the children of its stages misbehave on demand.
//   guest.fault=LINE:FAULT,FAULT…
// The first child of the config's line LINE does the first FAULT, the second one the second, and those
// behind the last do their work. A FAULT is one of kFaults, or one with something in front of it:
//   after-FAULT   the work is done first, and its outcome is lost
//   pid1-FAULT    PID 1 does it, and the child waits for its own end
//   shell-FAULT   the built-in shell does it, and the child does its work
//   table-FAULT   it is done within the work, where a mapping is there by its name and gets its table
// "long" is an error that says all it can; "none" is none. "show" is no fault: it says how the process and
// the keeper of passphrases are protected.
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <asm/ioctl.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/base/fd.h"
#include "init/base/split.h"
#include "init/executor.h"
#include "init/stage_call.h"
#include "tests/guest/goes_on.h"

namespace prologue {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMoreThanThereIs = std::size_t{1} << 46;

[[noreturn]] void hang() {
    while (true) (void)poll(nullptr, 0, -1);
}

[[noreturn]] void die_of_segv() {
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is the fault
    *static_cast<volatile int*>(nullptr) = 1;
    std::abort();
}

// As main() returns it.
[[noreturn]] void return_0() {
    std::exit(0);
}

[[noreturn]] void return_3() {
    std::exit(3);
}

[[noreturn]] void kill_itself() {
    (void)kill(getpid(), SIGKILL);
    hang();
}

[[noreturn]] void spin() {
    while (true) (void)getppid();  // a call, since a loop that does nothing may be left out
}

[[noreturn]] void touch_all_memory() {
    while (true) *static_cast<volatile char*>(::operator new(kPage)) = 1;
}

[[noreturn]] void ask_for_too_much() {
    *static_cast<volatile char*>(::operator new(kMoreThanThereIs)) = 1;
    hang();
}

// And leaves a process behind that has left the group.
[[noreturn]] void ignore_sigterm() {
    (void)signal(SIGTERM, SIG_IGN);
    if (fork() == 0) (void)setsid();
    hang();
}

// Past the page cache, where no signal ends the wait.
[[noreturn]] void read_disk() {
    alignas(kPage) static char page[kPage];
    const Fd disk(open("/dev/vdb", O_RDONLY | O_DIRECT | O_CLOEXEC));
    while (read(disk.get(), page, sizeof page) > 0) (void)lseek(disk.get(), 0, SEEK_SET);
    hang();
}

// By the name that its process has; -1 without one.
pid_t find_process(std::string_view wanted) {
    DIR* const processes = opendir("/proc");
    pid_t found = -1;
    for (const dirent* entry = readdir(processes); entry != nullptr; entry = readdir(processes)) {
        char name[16] = {};
        const std::string path = "/proc/" + std::string(entry->d_name) + "/comm";
        const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        const ssize_t got = read(file.get(), name, sizeof name);
        if (got > 0 && wanted == std::string_view(name, static_cast<std::size_t>(got) - 1))
            found = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    }
    (void)closedir(processes);
    return found;
}

// What it keeps out of the swap: "8 kB".
std::string locked_memory_of(pid_t pid) {
    char text[4096] = {};
    const std::string path = "/proc/" + std::to_string(pid) + "/status";
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    (void)!read(file.get(), text, sizeof text - 1);
    const char* const key = std::strstr(text, "VmLck:");
    if (key == nullptr) return "nothing";
    const char* const value = key + std::strcspn(key, "0123456789");
    return {value, std::strcspn(value, "\n")};
}

void show_protection() {
    rlimit core{};
    (void)getrlimit(RLIMIT_CORE, &core);
    const Fd console(open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC));
    (void)dprintf(console.get(), "fault: decrypt dumpable=%d core=%ju/%ju locked=%s\n",
                  prctl(PR_GET_DUMPABLE), std::uintmax_t{core.rlim_cur},
                  std::uintmax_t{core.rlim_max}, locked_memory_of(getpid()).c_str());
    (void)dprintf(console.get(), "fault: keeper locked=%s\n",
                  locked_memory_of(find_process("keeper")).c_str());
}

struct Fault {
    Literal name;
    void (*act)();
};
constexpr Fault kFaults[] = {
    {"segv", die_of_segv},        {"abort", [] { std::abort(); }}, {"return", return_0},
    {"exit", return_3},           {"kill", kill_itself},           {"loop", spin},
    {"memory", touch_all_memory}, {"huge", ask_for_too_much},      {"noterm", ignore_sigterm},
    {"disk", read_disk},          {"show", show_protection},
};
// What the next table that is loaded meets.
const Fault* g_at_table = nullptr;

const Fault* find_fault(std::string_view name) {
    for (const Fault& fault : kFaults) {
        if (name == fault.name.view()) return &fault;
    }
    return nullptr;
}

// The program of PID 1, and of a shell, lies where this one lies.
void misbehave_in(pid_t pid, std::string_view name) {
    const Fault* const fault = find_fault(name);
    if (fault == nullptr) _exit(EINVAL);
    if (goes_on_at(pid, reinterpret_cast<std::uintptr_t>(fault->act)) != 0) _exit(errno);
}

// How many children of this line there were before: a byte in a file for each.
std::size_t count_try(std::string_view line) {
    const std::string path = "/run/tries-of-line-" + std::string(line);
    const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    struct stat status {};
    if (fstat(file.get(), &status) != 0 || write(file.get(), "x", 1) != 1) _exit(errno);
    return static_cast<std::size_t>(status.st_size);
}

// The fault of this try; empty: none.
std::string_view choose(const Step& step, std::string_view orders) {
    const std::string line = std::to_string(config::position_of(step.keyword).line);
    if (step.prelude || take_part(orders, ':') != line) return {};
    for (std::size_t before = count_try(line); before > 0; --before) (void)take_part(orders, ',');
    return take_part(orders, ',');
}

// Returns for what the shell does, and for what is no fault.
void misbehave(std::string_view name) {
    constexpr std::string_view kPid1 = "pid1-", kShell = "shell-", kTable = "table-";
    if (const Fault* const fault = find_fault(name)) fault->act();
    if (name.starts_with(kShell)) misbehave_in(find_process("shell"), name.substr(kShell.size()));
    if (name.starts_with(kTable)) g_at_table = find_fault(name.substr(kTable.size()));
    if (!name.starts_with(kPid1)) return;
    misbehave_in(1, name.substr(kPid1.size()));
    hang();
}

Error long_error() {
    Error error = Error::internal("fault", "an error that is as long as can be");
    error->notes.assign(64, std::string(1000, 'x'));
    return error;
}

}  // namespace

Result<StageOutcome> call_stage(const Step& step, StageContext& context) {
    constexpr std::string_view kWord = "guest.fault", kAfter = "after-";
    for (const std::string& orders : context.values.command_line.all(kWord)) {
        std::string_view fault = choose(step, orders);
        if (fault == "long") return fail(long_error());
        if (!fault.starts_with(kAfter)) {
            misbehave(fault);
            continue;
        }
        const Result<StageOutcome> lost = run_stage_here(step, context);
        if (lost) misbehave(fault.substr(kAfter.size()));
        return lost;
    }
    return run_stage_here(step, context);
}

}  // namespace prologue

// In place of the C library's, for what libdevmapper asks the kernel.
extern "C" int ioctl(int fd, int request, ...) {
    va_list rest;
    va_start(rest, request);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    if (static_cast<unsigned>(request) == DM_TABLE_LOAD && prologue::g_at_table != nullptr)
        prologue::g_at_table->act();
    return static_cast<int>(syscall(SYS_ioctl, fd, static_cast<unsigned>(request), argument));
}
