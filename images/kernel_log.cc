// SPDX-License-Identifier: MIT
#include "images/kernel_log.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "init/base/split.h"

namespace prologue::images {
namespace {

// Sources: init/main.c, init/initramfs.c, kernel/smp.c of Linux.
struct Sign {
    std::string_view text, name;
};
constexpr Sign kSigns[] = {
    {"Brought up 1 node", "processors up"},
    {"Trying to unpack rootfs image as initramfs", "unpack initramfs"},
    {"Unpacking initramfs", "unpack initramfs"},
    {"Freeing initrd memory", "initramfs unpacked"},
    {" as init process", "run init"},
};

// "[    2.484967] " off the front of a record, behind its level.
bool take_stamp(std::string_view& line, double& stamp) {
    const std::size_t open = line.find('['), close = line.find("] ");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return false;
    // Six digits are the fraction; a time since a start has no more than nine in front of them.
    constexpr std::size_t kFewest = 7, kMost = 15;
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (const char letter : line.substr(open + 1, close - open - 1)) {
        if (letter < '0' || letter > '9') continue;
        if (++digits > kMost) return false;
        value = value * 10 + (letter - '0');
    }
    if (digits < kFewest) return false;
    stamp = static_cast<double>(value);
    line.remove_prefix(close + 2);
    return true;
}

}  // namespace

std::vector<TimelineFile::Milestone> read_kernel_log(std::string_view log) {
    std::vector<TimelineFile::Milestone> milestones;
    while (!log.empty()) {
        std::string_view line = take_part(log, '\n');
        double stamp = 0;
        if (!take_stamp(line, stamp)) continue;
        for (const Sign& sign : kSigns)
            if (line.find(sign.text) != std::string_view::npos)
                milestones.push_back({std::string(sign.name), stamp});
    }
    return milestones;
}

void add_milestones(const std::vector<TimelineFile::Milestone>& more, TimelineFile& timeline) {
    std::vector<TimelineFile::Milestone>& all = timeline.milestones;
    const double end = timeline.at("end");
    // The log goes on behind the boot, and of another boot it may say anything.
    for (const TimelineFile::Milestone& one : more)
        if (one.at < end) all.push_back(one);
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
}

}  // namespace prologue::images
