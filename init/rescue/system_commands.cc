// SPDX-License-Identifier: MIT
// Commands that look at the kernel and its processes.   Source: proc(5), syslog(2).
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>

#include <sys/klog.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/mountinfo.h"
#include "init/base/split.h"
#include "init/rescue/commands.h"
#include "stages/devices/candidate.h"
#include "stages/devices/careful_prober.h"
#include "stages/stages.h"

namespace prologue::rescue {
namespace {

constexpr std::size_t kProcLimit = 256 * 1024;
// syslog(2)
constexpr int kReadAll = 3, kSizeBuffer = 10;

struct Signal {
    Literal name;
    int number;
};
constexpr Signal kSignals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},
                               {"KILL", SIGKILL}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
                               {"TERM", SIGTERM}, {"CONT", SIGCONT}, {"STOP", SIGSTOP}};

bool read_number(std::string_view text, int& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// "-9", "-KILL", "-SIGKILL"; -1 for what is none.
int signal_of(std::string_view word) {
    word.remove_prefix(1);
    int number = -1;
    if (read_number(word, number)) return number > 0 && number <= 64 ? number : -1;
    if (word.starts_with("SIG")) word.remove_prefix(3);
    for (const Signal& signal : kSignals) {
        if (signal.name == word) return signal.number;
    }
    return -1;
}

int complain(CommandContext& context, std::string message) {
    context.fail(Error::config(std::move(message)));
    return 2;
}

// A zero byte stands between the words of a command line. The kernel's own threads have none, nor have
// processes that have ended.
std::string command_line_of(const std::string& directory, Sys& sys) {
    Result<std::string> words = sys.read_file(directory + "/cmdline", kProcLimit);
    if (!words) return {};
    for (char& c : *words) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return words->substr(0, words->find_last_not_of(' ') + 1);
}

void show_content(const BlockDevice& device, Prober& prober, CommandContext& context) {
    const std::string content =
        device.bytes == 0 ? "no medium" : describe_content(prober.probe(device.path));
    std::string text = compose("{}: {}", device.path, content);
    if (!device.part_uuid.empty()) text += ", PARTUUID=" + device.part_uuid;
    context.write(text + "\n");
}

}  // namespace

int run_ps(const Words&, CommandContext& context) {
    const Result<std::vector<std::string>> names = context.sys.list_dir("/proc");
    if (!names) {
        context.fail(names.error());
        return 1;
    }
    std::vector<int> pids;
    for (const std::string& name : *names) {
        int pid = 0;
        if (!read_number(name, pid)) continue;
        pids.insert(std::upper_bound(pids.begin(), pids.end(), pid), pid);
    }
    context.write("  PID  PPID S COMMAND\n");
    for (const int pid : pids) {
        const std::string directory = "/proc/" + std::to_string(pid);
        const Result<std::string> line = context.sys.read_file(directory + "/stat", kProcLimit);
        if (!line) continue;  // it has ended meanwhile
        // "7 (a name) S 1 5 …"; the name may hold anything.
        const std::size_t close = line->rfind(')');
        if (close == std::string::npos || close + 4 > line->size()) continue;
        std::string_view rest = std::string_view(*line).substr(close + 2);
        const std::string state(take_part(rest, ' ')), parent(take_part(rest, ' '));
        char numbers[40];
        (void)snprintf(numbers, sizeof numbers, "%5d %5s %.1s ", pid, parent.c_str(),
                       state.c_str());
        const std::string command = command_line_of(directory, context.sys);
        if (!command.empty()) context.write(compose("{}{}\n", numbers, command));
    }
    return 0;
}

int run_kill(const Words& words, CommandContext& context) {
    const bool named = words[1].starts_with('-');
    const int signal = named ? signal_of(words[1]) : SIGTERM;
    if (signal < 0) return complain(context, compose("'{}' is no signal", words[1]));
    if (named && words.size() == 2)
        return complain(context, "'kill' needs the number of a process");
    int status = 0;
    for (std::size_t i = named ? 2 : 1; i < words.size(); ++i) {
        int pid = 0;
        if (!read_number(words[i], pid) || pid <= 0)
            return complain(context, compose("'{}' is no number of a process", words[i]));
        if (kill(pid, signal) == 0) continue;
        context.fail(Error::system("kill", errno, words[i]));
        status = 1;
    }
    return status;
}

int run_dmesg(const Words& words, CommandContext& context) {
    int count = 0;
    if (words.size() > 1 && (!read_number(words[1], count) || count <= 0))
        return complain(context, compose("'{}' is no number of messages", words[1]));
    const int size = klogctl(kSizeBuffer, nullptr, 0);
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    const int got = size > 0 ? klogctl(kReadAll, text.data(), size) : -1;
    if (got < 0) {
        context.fail(Error::system("syslog", errno));
        return 1;
    }
    text.resize(static_cast<std::size_t>(got));
    std::string_view rest = text;
    if (count > 0) {
        std::size_t lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        for (; lines > static_cast<std::size_t>(count); --lines) (void)take_part(rest, '\n');
    }
    while (!rest.empty()) {
        std::string_view line = take_part(rest, '\n');
        // "<6>[    0.000000] Linux version …"
        if (line.starts_with('<')) line.remove_prefix(std::min(line.find('>') + 1, line.size()));
        context.write(std::string(line) + "\n");
    }
    return 0;
}

int run_lsmod(const Words&, CommandContext& context) {
    const Result<std::string> list = context.sys.read_file("/proc/modules", kProcLimit);
    if (!list) {
        context.fail(list.error());
        return 1;
    }
    std::string_view rest = *list;
    while (!rest.empty()) {
        // "ext4 933888 1 - Live 0x0"
        std::string_view line = take_part(rest, '\n');
        const std::string name(take_part(line, ' ')), size(take_part(line, ' '));
        const std::string users(take_part(line, ' ')), by(take_part(line, ' '));
        char row[80];
        (void)snprintf(row, sizeof row, "%-24s %8s %3s ", name.c_str(), size.c_str(),
                       users.c_str());
        context.write(compose("{}{}\n", row, by == "-" ? std::string() : by));
    }
    return 0;
}

int run_blkid(const Words& words, CommandContext& context) {
    SysfsBlocks blocks(context.sys);
    CarefulProber prober(context.sys);
    const Result<std::vector<BlockDevice>> devices = blocks.scan();
    if (!devices) {
        context.fail(devices.error());
        return 1;
    }
    prober.begin_survey(devices->size(), kNever);
    std::size_t shown = 0;
    for (const BlockDevice& device : *devices) {
        const bool wanted = words.size() == 1 ? device.kind == BlockDevice::Class::kDisk
                                              : std::find(words.begin() + 1, words.end(),
                                                          device.path) != words.end();
        if (!wanted) continue;
        show_content(device, prober, context);
        ++shown;
    }
    const std::size_t asked = words.size() - 1;
    if (shown >= asked) {
        if (shown == 0) context.write("no block devices at all\n");
        return 0;
    }
    context.fail(Error::not_found("blkid", words[1], "no such block device"));
    return 1;
}

int run_list_mounts(const Words&, CommandContext& context) {
    const Result<std::vector<MountEntry>> mounts = read_mounts(context.sys);
    if (!mounts) {
        context.fail(mounts.error());
        return 1;
    }
    for (const MountEntry& mount : *mounts) {
        context.write(compose("{} on {} type {} ({})\n", mount.source, mount.target, mount.type,
                              mount.options));
    }
    return 0;
}

}  // namespace prologue::rescue
