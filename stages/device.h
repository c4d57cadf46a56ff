// SPDX-License-Identifier: MIT
// Block devices: the fact that a stage yields, and the finder that waits for one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "init/base/clock.h"
#include "init/base/error.h"
#include "stages/device_spec.h"

namespace prologue {

// A fact about a block device. PID 1 validates one that comes from a child (path below /dev, a block
// node, its number) before it uses it.
struct Device {
    std::string path;  // /dev/vda1
    dev_t number = 0;
    std::uint64_t diskseq = 0;  // 0 where the kernel has none (before 5.15)
    std::string fstype;         // as libblkid names it; empty when not probed or none
    std::string uuid, label;    // of the filesystem; empty when not probed or none
};

// What disks there are, for a person who has to name one.
struct DeviceSurvey {
    std::vector<std::string> notes;  // "/dev/vda1: ext4, UUID=…", one each
    std::string
        root_words;  // "root=UUID=… (/dev/vda1, ext4)" of those that can be a root; or empty
};

class DeviceFinder {
  public:
    virtual ~DeviceFinder() = default;
    // Waits until exactly one device answers to `spec` or `deadline` passes. Two that answer are
    // kRefused and both are named; an ambivalent superblock on a device that could be meant is
    // kRefused; at the deadline kTimeout with one note for each candidate and why it was rejected.
    // With `want_type` the device's filesystem is probed as well (a missing one is left empty).
    virtual Result<Device> find(const DeviceSpec& spec, Instant deadline, bool want_type) = 0;
    // Looks at all devices that are there, and waits for none. One that does not answer well before
    // `deadline` is told as such. Empty when they cannot be looked at.
    virtual DeviceSurvey survey(Instant deadline) = 0;
    // The paths of devices with a hibernation image on a disk of the block device `number`.
    virtual Result<std::vector<std::string>> hibernated_beside(dev_t number) = 0;
    // The paths of the other devices of the btrfs on the device `path`. With `wait` those that are
    // missing are waited for until `deadline`, and then it is kTimeout.
    virtual Result<std::vector<std::string>> btrfs_members(const std::string& path,
                                                           Instant deadline, bool wait) = 0;
};

}  // namespace prologue
