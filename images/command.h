// SPDX-License-Identifier: MIT
// A command of the host tool: one file images/cmd_NAME.cc, one row of the table in
// images/commands.cc. Exit codes: 0 done and clean, 1 errors, 2 usage.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "images/options.h"
#include "init/base/error.h"
#include "init/base/literal.h"

namespace prologue::images {

inline constexpr int kExitClean = 0;
inline constexpr int kExitErrors = 1;
inline constexpr int kExitUsage = 2;

struct Command {
    Literal name;
    Literal words;    // what follows the name besides options: "CONF|IMAGE"
    Literal summary;  // one line
    std::span<const OptionRow> options;
    std::size_t min_words = 0, max_words = 0;
    int (*run)(const CommandLineWords& line);
    BehindDashes behind_dashes = BehindDashes::kWords;
};

// In the order of the help.
std::span<const Command* const> command_table();

// Prints an error that has no place in a config, and gives the exit code.
int report(const Error& error);
int usage_error(std::string_view message, std::string_view hint = {});

extern const Command kCheck, kVerify, kPlan, kStages, kConfigCommand, kInitramfs, kMinroot, kList,
    kExtract, kCat, kUki, kBoot, kTimeline, kHelp;

// The command line of the whole tool, without the program's name.
int run_tool(std::span<char* const> arguments);

}  // namespace prologue::images
