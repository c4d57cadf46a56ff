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
    std::string path;             // /dev/vda1
    dev_t number = 0;
    std::uint64_t diskseq = 0;    // 0 where the kernel has none (before 5.15)
    std::string fstype;           // as libblkid names it; empty when not probed or none
    std::string uuid, label;      // of the filesystem; empty when not probed or none
};

class DeviceFinder {
  public:
    virtual ~DeviceFinder() = default;
    // Waits until exactly one device answers to `spec` or `deadline` passes. Two that answer are
    // kRefused and both are named; an ambivalent superblock on a device that could be meant is
    // kRefused; at the deadline kTimeout with one note for each candidate and why it was rejected.
    // With `want_type` the device's filesystem is probed as well (a missing one is left empty).
    virtual Result<Device> find(const DeviceSpec& spec, Instant deadline, bool want_type) = 0;
};

}  // namespace prologue
