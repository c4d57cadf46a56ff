// SPDX-License-Identifier: MIT
// prologue check, prologue verify: all that is wrong with a config or an image.
#include "images/closure.h"
#include "images/command.h"
#include "images/host.h"
#include "images/host_config.h"
#include "images/image_check.h"
#include "images/image_rules.h"
#include "images/input.h"
#include "images/module_signature.h"
#include "images/plan_modules.h"
#include "images/problems.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--kernel", "-k", "VERSION",
     "a kernel: the modules must exist for it, and be such as it takes"},
    {"--modules", "", "DIR", "the same, with the modules of a folder"},
    {"--cmdline", "", "WORDS", "of a config: the kernel command line it will see"},
    {"--board", "", "BOARD", "of a config: the machine it will run on"},
    {"--locked", "", "", "of a config: as in a locked image"},
};

void check_modules(const CommandLineWords& line, const HostConfig& config, Problems& problems) {
    const Result<std::string> directory =
        find_module_directory(line.value("--kernel"), line.value("--modules"));
    if (!directory) return problems.error(directory.error());
    const Result<ModuleTree> tree = ModuleTree::open(*directory);
    if (!tree) return problems.error(tree.error());
    Closure closure(*tree);
    config::Diagnostics diagnostics;
    add_wishes(module_wishes(config.plan), *tree, closure, diagnostics);
    problems.add(diagnostics);
    for (const std::string& unmet : closure.unmet()) problems.warning(unmet);
    check_unsigned_files(*tree, closure, problems);
}

// Without a kernel on the command line it is that of this machine, where there is such a one.
void check_image_modules(const CommandLineWords& line, const UnsignedModules& found,
                         Problems& problems) {
    if (!line.has("--kernel") && !line.has("--modules")) {
        for (const auto& [version, names] : found)
            check_unsigned(version, signature_rule("/lib/modules/" + version), names, problems);
        return;
    }
    const Result<std::string> directory =
        find_module_directory(line.value("--kernel"), line.value("--modules"));
    if (!directory) return problems.error(directory.error());
    const std::string_view version = base_name(*directory);
    const auto of_kernel = found.find(version);
    if (of_kernel != found.end())
        return check_unsigned(version, signature_rule(*directory), of_kernel->second, problems);
    if (!found.empty())
        problems.error("the image has no modules of kernel " + std::string(version) + ", only of " +
                       found.begin()->first);
}

void check_config(const CommandLineWords& line, const HostPlanOptions& options, Input input,
                  Problems& problems) {
    HostConfig config = plan_text(std::move(input.name), std::move(input.data), options);
    recommend_wiping(config.plan, config.command_line.get(), config.plan.diagnostics);
    problems.add(config.plan.diagnostics);
    if (line.has("--kernel") || line.has("--modules")) check_modules(line, config, problems);
}

int run(const CommandLineWords& line) {
    const Result<HostPlanOptions> options = plan_options(line);
    if (!options) return report(options.error());
    Result<Input> input = read_input(line.words.front(), Wanted::kEither);
    if (!input) return report(input.error());
    Problems problems;
    if (input->is_image)
        check_image_modules(line, check_image(input->name, input->data, problems), problems);
    else
        check_config(line, *options, std::move(*input), problems);
    problems.print();
    return problems.has_errors() ? kExitErrors : kExitClean;
}

}  // namespace

constinit const Command kCheck = {
    "check", "CONF|IMAGE", "report everything that is wrong with a config or an image", kOptions, 1,
    1,       run};
constinit const Command kVerify = {"verify", "CONF|IMAGE", "the same as 'check'", kOptions, 1,
                                   1,        run};

}  // namespace prologue::images
