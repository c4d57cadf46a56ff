// SPDX-License-Identifier: MIT
// Whether somebody can type at the screen.   Source: Linux Documentation/input/event-codes.rst.
#pragma once

#include <string>
#include <string_view>

#include "init/base/sys.h"

namespace prologue {

// True for a console that is typed at on a keyboard of this machine: "tty0", "tty1".
bool is_screen(std::string_view console);

// `keys` is the line of capabilities/key of an input device in sysfs: true when it has letters and Enter.
bool has_letters(std::string_view keys);

// A line that says that no keyboard is there, and which input devices are; empty when there is one, or
// when the kernel does not tell.
std::string missing_keyboard(Sys& sys);

}  // namespace prologue
