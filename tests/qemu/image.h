// SPDX-License-Identifier: MIT
// Images, made by the real tool.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prologue::qemu_tests {

struct ImageRecipe {
    std::string config;                // text of prologue.conf, may name {disk.column}; empty: none
    std::vector<std::string> options;  // of `prologue initramfs`
    // Put into the image behind the tool's back, as a second archive that replaces the config: for
    // mistakes that the tool would refuse, and files that come from elsewhere.
    std::string unchecked_config;
    std::string output = "image";
};

// Runs `prologue WORDS…` of the release build.
struct ProgramEnd run_tool(std::vector<std::string> words);

// The path of the image; the test case has failed when the tool refuses.
std::string build_image(const ImageRecipe& recipe);

// Two archives in one file, as the kernel takes them.
std::string join_archives(const std::string& first, const std::string& second);

// A small archive that holds the init and this config, which nobody checks.
std::string config_archive(const std::string& config);

// A small archive with one file and the directories above it, to be joined behind an image: it
// replaces what the image has there.
std::string file_archive(const std::string& path_in_image, const std::string& bytes);

// "SRC:DEST" for --add: the guest program under a name that tells it what to do (hello, segv, spin).
std::string guest_program(std::string_view name);

// The same for one of tests/guest/trouble.c: gate or ticker.
std::string trouble_program(std::string_view name);

}  // namespace prologue::qemu_tests
