// SPDX-License-Identifier: MIT
// Filesystems that are mounted, and the block devices that have them.
// Source: proc_pid_mountinfo(5), fstab(5), btrfs(5), Linux Documentation/ABI/testing/sysfs-fs-btrfs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/machine/sysroot.h"
#include "init/base/error.h"
#include "stages/fstab.h"

namespace prologue::images {

struct MountedFilesystem {
    std::string number;  // st_dev: "8:2"
    std::string root;    // the directory of it that is mounted
    std::string type, source;
};

// What is mounted at these directories of the machine, the topmost of each, other than at "/" the topmost
// with a device; none where nothing is. In a sysroot that is a mount itself, they are below it.
std::vector<std::optional<MountedFilesystem>> mounted_at(
    const Sysroot& machine, const std::vector<std::string>& directories,
    std::string_view mountinfo);

// The names of the block devices that have the filesystem: one, or all of a btrfs, the mounted one first.
// kRefused for a filesystem without any.
Result<std::vector<std::string>> devices_of(const Sysroot& machine,
                                            const MountedFilesystem& mounted);

// How a config names the filesystem on a device: UUID=, PARTUUID= for one that has none, else its path.
// kSystem when it is known from nowhere and may not be read.
Result<std::string> name_of_filesystem(const Sysroot& machine, const std::string& device);

struct FstabLine {
    FstabEntry entry;
    std::uint32_t number = 0;  // from 1; 0 = there is none
};
FstabLine find_fstab_line(std::string_view text, std::string_view directory);

}  // namespace prologue::images
