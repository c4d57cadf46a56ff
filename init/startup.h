// SPDX-License-Identifier: MIT
// PID 1's first acts, before any config is read.
#pragma once

#include <string>
#include <vector>

#include "init/base/error.h"
#include "init/base/literal.h"
#include "init/base/sys.h"

namespace prologue {

// The image builder puts this file into a locked image (prologue initramfs --locked).
inline constexpr Literal kLockedMarker = "/etc/prologue.locked";
bool is_locked_image(Sys& sys);

// Keeps all of this program in memory (mlockall(2)): on a real root a page that comes from a dying disk
// would be a SIGBUS. What it allocates later comes from no disk. Children do not inherit it.
Result<> lock_pages();

// Makes descriptors 0 to 2 valid: what is open stays; else /dev/console, /dev/null, an unlinked
// memory file. Without it the first open(2) of this program would become standard input. True when
// all three were open.
bool secure_standard_fds();

// Makes /sbin/modprobe, through which the kernel asks for modules (CONFIG_MODPROBE_PATH), a link to
// /init; one that is there stays. Most archives bring none: the kernel asks for some before there is a
// PID 1, such as crypto-hmac(sha256), and would start this program for each of them, in vain.
// Source: call_modprobe() of Linux.
Result<> offer_modprobe();

// Opens /dev/console again as 0, 1 and 2 (in the new root); keeps the old ones when it cannot.
void reopen_console();

}  // namespace prologue
