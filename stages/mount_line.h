// SPDX-License-Identifier: MIT
// The words of a `mount` line, and what the plan checks about them.   Source: mount(8), fstab(5).
#pragma once

#include "stages/stage.h"

namespace prologue::mount_line {

enum : std::size_t { kSource, kTarget, kType, kMountOptions, kCrypttab };
inline constexpr OptionSpec kMountTable[] = {
    {"what", ValueKind::kMountable, Need::kPositional,
     "device, yielded name, device-less filesystem type, or tag; 'fstab' is what the new root's "
     "own "
     "/etc/fstab says of DIR",
     ""},
    {"dir", ValueKind::kPath, Need::kOptionalPositional,
     "absolute mount point, created when missing; left out only with options=remount", ""},
    {"type", ValueKind::kText, Need::kOption, "filesystem type", "probed"},
    {"options", ValueKind::kText, Need::kOption,
     "comma-separated mount options; 'kernel' stands for ro, rw, rootflags= and rootfstype= of the "
     "command line",
     ""},
    {"crypttab", ValueKind::kBoolean, Need::kOption,
     "an opened container gets the name that the filesystem's own /etc/crypttab has for it", "no"},
};

// Among the types of a line, as in an fstab: the type is what is found on the device.
inline constexpr Literal kOpenType = "auto";

// True for options that bind a directory instead of mounting a filesystem.
bool is_bind(std::string_view options);

void plan_mount(const Step& step, PlanContext& context);

}  // namespace prologue::mount_line
