// SPDX-License-Identifier: MIT
// What PID 1 is for: a fact of how it was started, never of how it was built.
#pragma once

#include <cstdint>
#include <string_view>

#include "init/base/error.h"
#include "init/base/sys.h"

namespace prologue {

enum class Role : std::uint8_t {
    kInitramfs,  // "/" is the rootfs that the kernel unpacked an archive into
    kFallback,   // the init of a real root
};

// By "/" alone, statfs(2)'s type and what /proc/self/mountinfo calls it: a tmpfs that is a live root is
// a real root. What cannot be told counts as a real root, where nothing is ever removed.
Role decide_role(Sys& sys);

// The directories of the prelude, on a real root that is read-only and has not all of them: "/" becomes
// a tmpfs of PID 1's own, with these directories, with every directory of the real root at its place
// (bind mounts), and with the real root itself at kRealRoot. True when that was done; on any other root
// nothing is changed.
// Source: pivot_root(2); prepare_namespace() of Linux, which mounts no devtmpfs where there is no /dev.
Result<bool> make_room_for_mounts(Sys& sys);
inline constexpr Literal kRealRoot = "/disk";

}  // namespace prologue
