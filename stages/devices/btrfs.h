// SPDX-License-Identifier: MIT
// btrfs on several devices. The kernel mounts one only when it knows all of its devices, and it knows
// those that were named to it: by `btrfs device scan`, which udev calls elsewhere, or by the mount
// option device=.   Source: btrfs(5), "device"; Linux fs/btrfs/volumes.c.
#pragma once

#include <string>
#include <vector>

#include "init/base/clock.h"
#include "init/base/error.h"
#include "stages/devices/block_scan.h"
#include "stages/devices/prober.h"
#include "stages/devices/uevent.h"

namespace prologue {

struct BtrfsSearch {
    std::string path;   // a device that has the filesystem
    bool wait = true;   // for devices that are not there yet
    Instant deadline;   // of the wait
    Duration bound{0};  // the time of the whole stage, for the message
};

// The paths of the other devices of the filesystem; none when it has but one. With `wait` kTimeout
// when some are missing at the deadline, with a note for each that is there. The caller has opened
// the event source before. `listener` may be null.
Result<std::vector<std::string>> find_btrfs_members(const BtrfsSearch& search,
                                                    BlockInventory& blocks, Prober& prober,
                                                    EventSource& events,
                                                    UeventListener* listener = nullptr);

}  // namespace prologue
