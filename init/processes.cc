// SPDX-License-Identifier: MIT
#include "init/processes.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::size_t kProcLimit = 64 * 1024;

pid_t pid_of(const std::string& name) {
    pid_t pid = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc{} && end == name.data() + name.size() ? pid : -1;
}

// The fifth word of "7 (a name) S 1 5 …"; the name may hold anything.
pid_t group_of(const std::string& name, Sys& sys) {
    const Result<std::string> line = sys.read_file(compose("/proc/{}/stat", name), kProcLimit);
    if (!line) return -1;
    std::string_view rest = *line;
    rest.remove_prefix(std::min(rest.rfind(") ") + 2, rest.size()));  // npos + 2 is 1
    (void)take_part(rest, ' ');
    (void)take_part(rest, ' ');
    return pid_of(std::string(take_part(rest, ' ')));
}

// Kernel threads have no memory map and zombies none any more: both show an empty cmdline.
bool is_to_be_ended(const std::string& name, Sys& sys) {
    const Result<std::string> words = sys.read_file(compose("/proc/{}/cmdline", name), kProcLimit);
    return words && !words->empty() && words->front() != '@';
}

// The disks that have not answered yet: "vdb, vdc".
std::string disks_at_work(Sys& sys) {
    std::string disks;
    const Result<std::vector<std::string>> names = sys.list_dir("/sys/block");
    if (!names) return disks;
    for (const std::string& name : *names) {
        // The numbers of reads and of writes.
        const Result<std::string> requests =
            sys.read_file(compose("/sys/block/{}/inflight", name), kProcLimit);
        if (!requests || requests->find_first_of("123456789") == std::string::npos) continue;
        disks.append(disks.empty() ? "" : ", ").append(name);
    }
    return disks;
}

}  // namespace

std::vector<pid_t> signal_other_processes(int signal, Sys& sys) {
    const Result<std::vector<std::string>> names = sys.list_dir("/proc");
    if (!names) return {};
    std::vector<pid_t> signalled;
    const pid_t self = getpid();
    for (const std::string& name : *names) {
        const pid_t pid = pid_of(name);
        if (pid <= 1 || pid == self || !is_to_be_ended(name, sys)) continue;
        if (kill(pid, signal) == 0) signalled.push_back(pid);
    }
    return signalled;
}

bool any_is_left(const std::vector<pid_t>& processes) {
    return std::any_of(processes.begin(), processes.end(),
                       [](pid_t pid) { return kill(pid, 0) == 0; });
}

pid_t newest_of_group(pid_t group, Sys& sys) {
    pid_t newest = group;
    const Result<std::vector<std::string>> names = sys.list_dir("/proc");
    if (!names) return newest;
    for (const std::string& name : *names) {
        const pid_t pid = pid_of(name);
        if (pid > newest && group_of(name, sys) == group) newest = pid;
    }
    return newest;
}

std::string activity_of(pid_t pid, Sys& sys) {
    const std::string directory = "/proc/" + std::to_string(pid);
    const Result<std::string> name = sys.read_file(directory + "/comm", kProcLimit);
    const Result<std::string> place = sys.read_file(directory + "/wchan", kProcLimit);
    std::string text = name ? name->substr(0, name->find('\n')) : "it";
    if (place && *place == "0") {
        text += " was running";
    } else {
        text += " was waiting in " + (place && !place->empty() ? *place : "an unknown place");
    }
    const std::string disks = disks_at_work(sys);
    return disks.empty() ? text : compose("{}; not answered yet: {}", text, disks);
}

std::string kernel_stack_of(pid_t pid, Sys& sys) {
    const Result<std::string> stack =
        sys.read_file(compose("/proc/{}/stack", std::to_string(pid)), kProcLimit);
    std::string text;
    std::string_view rest = stack ? std::string_view(*stack) : std::string_view();
    for (int line = 0; line < 6 && !rest.empty(); ++line) {
        text.append(text.empty() ? "" : " ").append(take_part(rest, '\n'));
    }
    return text;
}

}  // namespace prologue
