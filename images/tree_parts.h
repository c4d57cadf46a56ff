// SPDX-License-Identifier: MIT
// What the trees of an initramfs and of a small root have in common: the init with its libraries, the
// config, the nodes of the first console, and files that the user adds. All that is wrong is
// collected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/archive.h"
#include "images/host_config.h"
#include "images/problems.h"

namespace prologue::images {

// An error becomes a problem.
void add_entry(Archive& archive, Problems& problems, Entry entry);

// The program `file`, or prologue-init beside this one when that is empty, as `destination`
// ("/init"), executable whatever the umask was.
void add_init(const std::string& file, const std::string& destination, Archive& archive,
              Problems& problems);

// Directories to mount on, and /dev/console and /dev/null, which the kernel wants before anything
// can be mounted. What the tree has already stays as it is.
void add_mount_points(Archive& archive, Problems& problems);

// The config as /etc/prologue.conf, with everything that is wrong in it; nothing when it cannot be
// read, or when `path` is empty.
std::optional<HostConfig> add_config(const std::string& path, bool locked, Archive& archive,
                                     Problems& problems);

// SRC:DEST pairs of `--add`.
void add_extras(const std::vector<std::string>& pairs, Archive& archive, Problems& problems);

// Programs and key files that the config names are in the tree, which is finished.
void check_files_of_plan(const HostConfig& config, const Archive& archive, Problems& problems);

}  // namespace prologue::images
