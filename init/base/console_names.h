// SPDX-License-Identifier: MIT
// The kernel's consoles by name.   Source: Linux Documentation/ABI/testing/sysfs-tty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/base/sys.h"

namespace prologue {

// The names in /sys/class/tty/console/active: "tty0 ttyS0".
std::vector<std::string> split_console_names(std::string_view text);

// What that file has; "console" alone when it cannot be read or names none.
std::vector<std::string> active_consoles(Sys& sys);

}  // namespace prologue
