// SPDX-License-Identifier: MIT
// Hibernation images: memory of a system that was suspended to disk, kept in its swap space until it
// is resumed. Until then nothing may be written to that system's filesystems, of which the image
// holds an older state.   Source: Linux Documentation/power/swsusp.rst.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "init/base/error.h"
#include "stages/devices/block_scan.h"
#include "stages/devices/prober.h"

namespace prologue {

// The paths of the devices that hold such an image and lie on a disk on which the device `number`
// lies as well, whatever is stacked in between (partitions, dm, md). Reads the superblocks of the
// devices on these disks, and of no others. A device that cannot be read holds none that could be
// resumed either. Empty when `number` is no block device (btrfs, tmpfs).
Result<std::vector<std::string>> find_hibernated(dev_t number, BlockInventory& blocks,
                                                 Prober& prober);

}  // namespace prologue
