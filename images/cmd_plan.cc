// SPDX-License-Identifier: MIT
// prologue plan: the steps of a config, in order, with their bounds.
#include "images/command.h"
#include "images/host.h"
#include "images/host_config.h"
#include "images/problems.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--cmdline", "", "WORDS", "a kernel command line: conditions and values are resolved by it"},
    {"--board", "", "BOARD", "the machine: 'when=board:' conditions are resolved by it"},
    {"--locked", "", "", "as in a locked image"},
};

int run(const CommandLineWords& line) {
    const Result<HostPlanOptions> options = plan_options(line);
    if (!options) return report(options.error());
    const Result<HostConfig> config =
        line.words.empty() ? plan_default(*options) : plan_file(line.words.front(), *options);
    if (!config) return report(config.error());
    Problems problems;
    problems.add(config->plan.diagnostics);
    problems.print();
    if (problems.has_errors()) return kExitErrors;
    const Result<> written = write_output("-", format_plan(config->plan), 0);
    return written ? kExitClean : report(written.error());
}

}  // namespace

constinit const Command kPlan = {
    "plan", "[CONF]", "show the steps of a config and the longest time they can take", kOptions, 0,
    1,      run};

}  // namespace prologue::images
