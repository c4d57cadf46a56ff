// SPDX-License-Identifier: MIT
#include "init/quiet_kernel.h"

namespace prologue {
namespace {

constexpr char kFile[] = "/proc/sys/kernel/printk";
constexpr char kQuiet = '3';  // less than this is shown: emergencies, alerts, critical ones

}  // namespace

QuietKernel::QuietKernel(Sys& sys) : sys_(sys) {
    // "7\t4\t1\t7\n": what is shown, and three that do not matter here.
    const Result<std::string> levels = sys_.read_file(kFile, 256);
    if (!levels) return;
    const std::string first = levels->substr(0, levels->find_first_of(" \t\n"));
    if (first.empty() || (first.size() == 1 && first[0] <= kQuiet)) return;
    if (sys_.write_file(kFile, std::string(1, kQuiet) + "\n")) before_ = first;
}

QuietKernel::~QuietKernel() {
    if (!before_.empty()) (void)sys_.write_file(kFile, before_ + "\n");
}

}  // namespace prologue
