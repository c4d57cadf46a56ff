// SPDX-License-Identifier: MIT
// What the fuzz targets share. A target defines fuzz_one(); libFuzzer calls it with one input after
// the other. A crash, a sanitizer's word, HOLDS() of something false, or more than a second of
// processor time is a finding.
#pragma once

#include <string_view>

namespace prologue::fuzz {

// Defined by each target. Any bytes may come.
void fuzz_one(std::string_view input);

// Says what is wrong, where, and aborts.
[[noreturn]] void broken(const char* property, const char* file, int line);

// No byte of it steers a terminal: valid UTF-8, and no control characters but newline and tab.
bool is_printable(std::string_view text);

}  // namespace prologue::fuzz

#define HOLDS(property)                                                           \
    do {                                                                          \
        if (!(property)) ::prologue::fuzz::broken(#property, __FILE__, __LINE__); \
    } while (false)
