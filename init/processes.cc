// SPDX-License-Identifier: MIT
#include "init/processes.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include <unistd.h>

#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::size_t kProcLimit = 64 * 1024;

pid_t pid_of(const std::string& name) {
    pid_t pid = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc{} && end == name.data() + name.size() ? pid : -1;
}

// Kernel threads have no memory map and zombies none any more: both show an empty cmdline.
bool is_to_be_ended(const std::string& name, Sys& sys) {
    const Result<std::string> words = sys.read_file("/proc/" + name + "/cmdline", kProcLimit);
    return words && !words->empty() && words->front() != '@';
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

std::string kernel_state_of(pid_t pid, Sys& sys) {
    const std::string directory = "/proc/" + std::to_string(pid);
    const Result<std::string> place = sys.read_file(directory + "/wchan", kProcLimit);
    const Result<std::string> stack = sys.read_file(directory + "/stack", kProcLimit);
    std::string text = "waiting in " + (place && !place->empty() ? *place : "an unknown place");
    if (!stack) return text;
    text += ":";
    std::string_view rest = *stack;
    for (int line = 0; line < 6 && !rest.empty(); ++line) {
        text.append(" ").append(take_part(rest, '\n'));
    }
    return text;
}

}  // namespace prologue
