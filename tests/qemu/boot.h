// SPDX-License-Identifier: MIT
// One boot from config to end, and what every good one has in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/qemu/image.h"
#include "tests/qemu/vm.h"

namespace prologue::qemu_tests {

struct Boot {
    std::string config;  // may name {disk.column}
    std::vector<Disk> disks;
    std::string words;                       // for the kernel; may name {disk.column}
    std::vector<std::string> image_options;  // of `prologue initramfs`
    std::vector<std::string> qemu;           // more words for QEMU
    std::string unchecked_config;            // see ImageRecipe
    unsigned memory_mib = 256;
    std::string consoles = "console=ttyS0";
};

enum class End { kPowerOff, kReboot };

// What the machine said. The test case has failed unless it ended by itself, in this way, and without
// a kernel panic.
Transcript boot(const Boot& boot, End end = End::kPowerOff, Where where = Where::current());

// Of the disk ext4, found by its UUID; it ends in that root's init.
Boot boot_of_root();

// Of an init whose children misbehave as the words ask for; see tests/guest/faults.cc.
Boot boot_of_faults(const std::string& config, const std::string& words);
// The options for an image with that init.
std::vector<std::string> with_faults();

// The machine of a boot, for tests that talk to it.
Machine machine_of(const Boot& boot);
// What boot() checks, for a machine that has ended.
void check_end(const Vm& vm, End end, Where where = Where::current());

// A real root as the guest must find it: what init, its environment and its mounts look like.
void check_hand_over(const Transcript& text, Where where = Where::current());

// The modules of the tests' disks and of most of their roots; what a kernel has built in is fine too.
inline constexpr char kDrivers[] = "modules virtio_pci virtio_blk ext4\n";
inline constexpr char kSwitchRoot[] = "switch_root /newroot\n";

// Sends a QMP command; the test case fails when QEMU refuses it.
void must(Vm& vm, std::string_view command, Where where = Where::current());
// QEMU holds up what the guest asks of a disk, the second one unless told, from the second request on.
void throttle(Vm& vm, const std::string& bytes_per_second, const std::string& drive = "drive1",
              Where where = Where::current());
// From the program `gate` on, which then goes on, the disk answers no more. False when it was not reached.
bool hold_up(Vm& vm, const std::string& drive = "drive1", Where where = Where::current());
// Plugs in the first disk, which has no device yet (Disk::device).
void plug_in(Vm& vm, Where where = Where::current());

}  // namespace prologue::qemu_tests
