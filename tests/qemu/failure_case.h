// SPDX-License-Identifier: MIT
// A boot that fails, and all that is asserted about every such boot: the block that a person reads, to
// the letter, and that the policy acts in time. The kernel's own records are left out of the block.
#pragma once

#include <string>
#include <vector>

#include "tests/qemu/boot.h"

namespace prologue::qemu_tests {

inline constexpr char kPowerOffOnFailure[] = "set on-failure poweroff\n";
inline constexpr char kPoweringOff[] = "prologue: powering off in 0 ms (on-failure=poweroff)";
// Behind the modules line, all that fails and the policy's act take the plan's bound at most.
inline constexpr char kDriversLoaded[] = "prologue: modules virtio_pci virtio_blk ext4, * ms";

// Line 3 of the config or one behind it fails, and the machine switches itself off.
struct Failure {
    std::string line;  // line 3
    std::vector<Disk> disks = {{"ext4"}};
    std::string block;  // what the consoles show; may name {disk.column}, '*' stands for anything
    std::string words;
    std::string more = kSwitchRoot;  // the lines behind it
    std::vector<std::string> image_options;
    std::vector<std::string> qemu;
    // Seconds of the plan: the sum of the timeouts from line 3 to the one that fails.
    double bound = 30;
};

Boot boot_of(const Failure& failure);

// The block, the policy's act within the bound and one second more, and no real root.
void check_failed(const Failure& failure, const Transcript& text, Where where = Where::current());

// An init that cannot be run is found out before anything is moved. Line 4 is the switch_root.
void check_init_failure(const std::string& disk, const std::string& words, const std::string& block,
                        Where where = Where::current());

// Boots, and checks that.
Transcript check_failure(const Failure& failure, Where where = Where::current());

}  // namespace prologue::qemu_tests
