// SPDX-License-Identifier: MIT
// Lines of a config back to text.
#pragma once

#include <string>
#include <vector>

#include "config/line.h"

namespace prologue::fuzz {

// A text that parse_lines() reads as these lines. They must come from a text without mistakes.
std::string print_lines(const std::vector<config::Line>& lines);

// The same keywords, words and options; places in the text may differ.
bool same_lines(const std::vector<config::Line>& a, const std::vector<config::Line>& b);

}  // namespace prologue::fuzz
