// SPDX-License-Identifier: MIT
// What systemd's own initrd gives the systemd of the real root, so that `systemd-analyze` knows of an
// initrd and of the time it took.   Source: systemd 252 and 257, src/core/main.c, manager-serialize.c.
#pragma once

#include <string>

#include "init/base/clock.h"
#include "init/base/fd.h"
#include "init/base/sys.h"

namespace prologue {

// A file in memory that says when this program began (`began`), on a descriptor that an exec leaves open.
// Called once PID 1 has the new root. None unless `init` is systemd behind all symlinks, the kernel gave
// the init (`argv`, a list that ends with null) no word that begins with "--", and the kernel can make
// the file.
Fd systemd_state(const std::string& init, char* const* argv, Instant began, Sys& sys);

}  // namespace prologue
