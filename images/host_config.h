// SPDX-License-Identifier: MIT
// A config file checked on the host, with the same planner that runs in PID 1.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/cmdline.h"
#include "config/source.h"
#include "images/options.h"
#include "init/plan.h"

namespace prologue::images {

struct HostPlanOptions {
    std::optional<std::string> command_line;  // --cmdline
    std::optional<std::string> board;         // --board
    bool locked = false;
};

// --cmdline, --board and --locked of a command. An unknown board is a mistake of usage.
Result<HostPlanOptions> plan_options(const CommandLineWords& line);

// The plan points into the texts, so all of it moves together.
struct HostConfig {
    std::unique_ptr<config::Source> source, prelude;
    std::unique_ptr<config::CommandLine> command_line;
    Plan plan;
};

HostConfig plan_text(std::string name, std::string text, const HostPlanOptions& options);
// The built-in config of an image that has none, for the command line that the options give.
HostConfig plan_default(const HostPlanOptions& options);
// Fails only when the file ("-": standard input) cannot be read or is no text; what is wrong in it stands in the plan's diagnostics.
Result<HostConfig> plan_file(const std::string& path, const HostPlanOptions& options);

}  // namespace prologue::images
