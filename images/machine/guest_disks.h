// SPDX-License-Identifier: MIT
// The disks of a machine that a virtual machine gets to try its boot on, and how they are attached there.
// Source: Linux Documentation/ABI/testing/sysfs-block, proc_pid_mountinfo(5), fstab(5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/machine/sysroot.h"
#include "init/base/error.h"

namespace prologue::images {

// What the disk hangs on in the guest. It should be what the machine has, for an image may carry no other
// driver.
enum class DiskBus : std::uint8_t { kVirtio, kVirtioScsi, kAhci, kNvme, kUsb };

struct GuestDisk {
    std::string path;  // of its node, for this program
    DiskBus bus = DiskBus::kVirtio;
    bool is_guess = false;  // the machine has it on something that no guest can have
    int descriptor = -1;    // of the node, once it is open
};

// Whole disks, sorted by name: all that is below the root and below what /etc/fstab mounts, be it through
// partitions, encryption, LVM, RAID or a btrfs of several. kRefused for a root that is on no disk.
Result<std::vector<GuestDisk>> guest_disks(const Sysroot& machine);

}  // namespace prologue::images
