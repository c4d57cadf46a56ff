// SPDX-License-Identifier: MIT
// What a block device stands on, down to the hardware, and the drivers of that, by sysfs.
// Source: Linux Documentation/ABI/testing/sysfs-block, sysfs-block-dm, sysfs-bus-*, sysfs-module.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "images/machine/sysroot.h"
#include "init/base/error.h"

namespace prologue::images {

// The path of a block device that sysfs calls `name`; a slash of it is '!' there.
std::string node_of(std::string_view name);

// A module, and the first device of the path that it drives.
struct Driver {
    std::string module;
    std::string device;     // below /sys/devices
    bool built_in = false;  // into the kernel that runs
};

// An open LUKS container.
struct CryptMapping {
    std::string name;     // below /dev/mapper, as it is now
    std::string uuid;     // of the container, with its hyphens
    std::string version;  // "LUKS2"
    std::string disk;     // the block device with the data: "sda3"
};

struct Disk {
    std::string name;  // "sda"
    std::vector<Driver> drivers;
};

// In the order in which a boot needs them: what stands on something comes behind it.
struct Stack {
    std::vector<Disk> disks;
    std::vector<CryptMapping> mappings;
};

// Adds what the block device at `path` (below /sys/devices) stands on. kRefused for what cannot be booted
// from yet: LVM, RAID, disks of the network.
Result<> follow_block_device(const Sysroot& machine, const std::string& path, Stack& stack);

// The modules that drive the devices on the path, the first bus first.
std::vector<Driver> drivers_on_path(const Sysroot& machine, std::string_view path);

// Those that `drivers` does not have yet, by module.
void add_drivers(std::vector<Driver>& drivers, const std::vector<Driver>& more);

}  // namespace prologue::images
