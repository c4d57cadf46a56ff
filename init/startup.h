// SPDX-License-Identifier: MIT
// PID 1's first acts, before any config is read.
#pragma once

#include <string>
#include <vector>

#include "init/base/error.h"

namespace prologue {

// Makes descriptors 0 to 2 valid: what is open stays; else /dev/console, /dev/null, an unlinked
// memory file. Without it the first open(2) of this program would become standard input. True when
// all three were open.
bool secure_standard_fds();

// Opens /dev/console again as 0, 1 and 2 (in the new root); keeps the old ones when it cannot.
void reopen_console();

// Names in the directory `fd` is open on, without "." and "..".
Result<std::vector<std::string>> list_directory(int fd);

}  // namespace prologue
