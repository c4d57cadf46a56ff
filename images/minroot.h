// SPDX-License-Identifier: MIT
// Building the smallest root: a filesystem with our init as /sbin/init, which stays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "images/archive.h"
#include "images/problems.h"

namespace prologue::images {

inline constexpr std::string_view kMinrootLabel = "minroot";
inline constexpr std::uint64_t kMinrootSize = std::uint64_t{1024} * 1024;

struct MinrootRequest {
    std::string config;              // empty = the init's built-in one
    std::string init;                // empty = prologue-init beside this program
    std::vector<std::string> added;  // SRC:DEST
};

// The finished tree: /sbin/init, /etc, the mount points of the prelude and the nodes that the kernel
// wants before any of them is mounted. It is complete only when `problems` has no error.
Archive build_minroot(const MinrootRequest& request, Problems& problems);

}  // namespace prologue::images
