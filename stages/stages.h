// SPDX-License-Identifier: MIT
// The descriptors of all stages, and what several of them share.
#pragma once

#include <string>
#include <string_view>

#include "stages/stage.h"

namespace prologue {

extern const StageType kMountStage, kUmountStage, kModulesStage, kFindStage, kExecStage, kWriteStage,
    kSwitchRootStage, kRebootStage, kPowerOffStage, kHaltStage;

// What a device position means after expansion: a yielded name, or a specification to wait for.
// The node of a yielded device is checked to be still the device it was.
Result<Device> resolve_device(std::string_view text, StageContext& context, bool want_type);

// "/dev/vda (ext4)".
std::string describe_device(const Device& device);

// Creates a directory and its missing parents, mode 0755; an existing directory is success.
Result<> make_dirs(const std::string& path, Sys& sys);

// True when `word` stands in the comma-separated list; the part before '=' is compared.
bool has_mount_option(std::string_view options, std::string_view word);

// /init came out of an archive: `/` is a ramfs or tmpfs and mountinfo calls it rootfs. A tmpfs that
// something mounted as a live root is not.
Result<bool> root_is_rootfs(Sys& sys);

}  // namespace prologue
