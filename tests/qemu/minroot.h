// SPDX-License-Identifier: MIT
// Small roots, made by the real tool.
#pragma once

#include <string>
#include <vector>

#include "tests/qemu/transcript.h"

namespace prologue::qemu_tests {

struct MinrootRecipe {
    std::string config;                // empty: none
    std::vector<std::string> options;  // of `prologue minroot`
};

// The path of the image; the test case has failed when the tool refuses.
std::string build_minroot(const MinrootRecipe& recipe);

// A file of one line, for --add.
std::string note();

// e2fsck(8) has nothing to say against the filesystem; the test case has failed else.
void check_filesystem(const std::string& image, Where where = Where::current());

}  // namespace prologue::qemu_tests
