// SPDX-License-Identifier: MIT
#include "images/host_config.h"

#include "board/board.h"
#include "config/embedded.h"
#include "images/input.h"
#include "init/default_config.h"

namespace prologue::images {
Result<HostPlanOptions> plan_options(const CommandLineWords& line) {
    HostPlanOptions options;
    if (line.has("--cmdline")) options.command_line = line.value("--cmdline");
    if (line.has("--board")) options.board = line.value("--board");
    options.locked = line.has("--locked");
    if (!options.board || find_board(*options.board) != nullptr) return options;
    return fail(Error::config("unknown board '" + *options.board + "'")
                    .with_hint(hint_for_unknown_board(*options.board)));
}

HostConfig plan_text(std::string name, std::string text, const HostPlanOptions& options) {
    HostConfig config;
    config.source = std::make_unique<config::Source>();
    config.source->name = std::move(name);
    config.source->text = std::move(text);
    config.prelude = std::make_unique<config::Source>();
    config.prelude->name = "(prelude)";
    config.prelude->text = std::string(config::kPreludeConf);
    PlanInput input;
    input.config = config.source.get();
    input.prelude = config.prelude.get();
    if (options.command_line) {
        config.command_line = std::make_unique<config::CommandLine>(
            config::CommandLine::parse(*options.command_line));
        input.command_line = config.command_line.get();
    }
    input.board = options.board;
    input.locked = options.locked;
    config.plan = make_plan(input);
    return config;
}

HostConfig plan_default(const HostPlanOptions& options) {
    const config::CommandLine words = config::CommandLine::parse(options.command_line.value_or(""));
    config::Source source = default_config(words);
    return plan_text(std::move(source.name), std::move(source.text), options);
}

Result<HostConfig> plan_file(const std::string& path, const HostPlanOptions& options) {
    Input input = TRY(read_input(path, Wanted::kConfig));
    return plan_text(std::move(input.name), std::move(input.data), options);
}

}  // namespace prologue::images
