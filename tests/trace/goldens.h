// SPDX-License-Identifier: MIT
// Files of the tests' own folder.
#pragma once

#include <string>

namespace prologue::fake {

// The whole file; empty when it cannot be read. `path` is relative to the tests' folder.
std::string read_text(const std::string& path);
// Compares a text with a golden file and tells the first line that differs; empty when equal. With
// PROLOGUE_UPDATE_GOLDENS=1 in the environment the file is written anew instead.
std::string compare_with_golden(const std::string& path, const std::string& actual);

}  // namespace prologue::fake
