// SPDX-License-Identifier: MIT
// The pure part of loading modules: names, parameters, and what a failure means.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cmdline.h"
#include "init/base/error.h"

namespace prologue {

// Module names and parameter names read '-' and '_' alike (kernel/params.c, parameqn()).
bool same_module_name(std::string_view a, std::string_view b);

// The parameters of a line for `module`, without those that the kernel command line sets as well
// (module.key=…): libkmod has read these itself and puts them first, and the command line beats the
// file, but to the kernel the last word counts. Of a restricted command line libkmod knows nothing
// (command_line_hider.h), so what it sets stands in front here. Quotes keep blanks together.
std::string merge_parameters(std::string_view module, std::string_view of_line,
                             const config::CommandLine& command_line);

// True when `option` (modprobe.blacklist, module_blacklist), a comma-separated list that may be
// given several times, has the module.
bool command_line_lists(const config::CommandLine& command_line, std::string_view option,
                        std::string_view module);

// What a module file is, by its first bytes and its length.
enum class ModuleFormat : std::uint8_t {
    kElf,
    kEmpty,
    kTruncated,  // its section table lies behind its end
    kZstd,
    kXz,
    kGzip,
    kUnknown,
};
inline constexpr std::size_t kModuleHeadSize = 64;  // an ELF64 header
ModuleFormat identify_module_file(std::span<const unsigned char> head, std::uint64_t size);

// The last bytes of a module that is signed (kernel/module_signature.c).
inline constexpr Literal kModuleSignatureMark = "~Module signature appended~\n";

// What is known about a module that could not be loaded.
struct ModuleFailure {
    std::string requested;  // what the line said
    std::string module;     // what failed: itself or one of its dependencies
    int errnum = 0;
    std::string path;  // empty: the image's list of modules has no file for it
    bool file_is_there = false;
    ModuleFormat format = ModuleFormat::kElf;
    bool is_signed = true;        // by whomever
    std::string vermagic;         // of the file: "6.1.0-18-cloud-amd64 SMP preempt mod_unload"
    std::string release;          // of the running kernel
    bool is_blacklisted = false;  // by module_blacklist=, which the kernel itself obeys
};
Error explain_module_failure(const ModuleFailure& failure);

// There is no module of that name or alias. `others` are the kernel versions that the image has
// modules for, apart from the running one.
Error explain_missing_module(const std::string& requested, const std::string& release,
                             bool has_directory, const std::vector<std::string>& others);

}  // namespace prologue
