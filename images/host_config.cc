// SPDX-License-Identifier: MIT
#include "images/host_config.h"

#include "config/embedded.h"
#include "images/host.h"

namespace prologue::images {
namespace {

constexpr std::size_t kReadLimit =
    std::size_t{16} * 1024 * 1024;  // the parser has its own, and says so

}  // namespace

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

Result<HostConfig> plan_file(const std::string& path, const HostPlanOptions& options) {
    std::string text = TRY(read_file(path, kReadLimit));
    return plan_text(path, std::move(text), options);
}

}  // namespace prologue::images
