// SPDX-License-Identifier: MIT
// /proc/self/mountinfo, proc_pid_mountinfo(5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/error.h"
#include "init/base/sys.h"

namespace prologue {

struct MountEntry {
    std::string target;  // with the kernel's octal escapes undone
    std::string type, source;
    std::string options;  // of this mount: "ro,nosuid"
    bool shared = false;  // in a shared peer group
};

// Space, tab, newline and backslash are \ooo there (seq_path_root(), mangle()) and in fstab(5).
std::string unescape_octal(std::string_view text);

// One line as it stands there, escapes and all. Parts point into it.
struct MountFields {
    std::string_view
        number;  // of the filesystem, st_dev: "8:2"; major 0 where it is no block device's
    std::string_view root;  // the directory of the filesystem that is mounted
    std::string_view target, options, type, source;
    bool shared = false;
};
std::optional<MountFields> split_mount_line(std::string_view line);

// Lines that do not parse are skipped: the kernel may add fields, never lines of another form.
std::vector<MountEntry> parse_mountinfo(std::string_view text);
Result<std::vector<MountEntry>> read_mounts(Sys& sys);

// The topmost mount at exactly `target` (the last one in the list), or null.
const MountEntry* mount_at(const std::vector<MountEntry>& mounts, std::string_view target);

}  // namespace prologue
