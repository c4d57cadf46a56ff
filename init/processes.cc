// SPDX-License-Identifier: MIT
#include "init/processes.h"

#include <csignal>
#include <charconv>

#include <unistd.h>

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

std::size_t signal_other_processes(int signal, Sys& sys) {
    const Result<std::vector<std::string>> names = sys.list_dir("/proc");
    if (!names) return 0;
    std::size_t count = 0;
    const pid_t self = getpid();
    for (const std::string& name : *names) {
        const pid_t pid = pid_of(name);
        if (pid <= 1 || pid == self || !is_to_be_ended(name, sys)) continue;
        if (kill(pid, signal) == 0) ++count;
    }
    return count;
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
        const std::size_t end = rest.find('\n');
        text += " " + std::string(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return text;
}

}  // namespace prologue
