// SPDX-License-Identifier: MIT
// prologue check, prologue verify: all that is wrong with a config or an image.
#include "images/closure.h"
#include "images/command.h"
#include "images/cpio_reader.h"
#include "images/host.h"
#include "images/host_config.h"
#include "images/image_check.h"
#include "images/plan_modules.h"
#include "images/problems.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--kernel", "-k", "VERSION", "of a config: its modules must exist for this kernel"},
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
}

void check_config(const CommandLineWords& line, std::string text, Problems& problems) {
    HostPlanOptions options;
    if (line.has("--cmdline")) options.command_line = line.value("--cmdline");
    if (line.has("--board")) options.board = line.value("--board");
    options.locked = line.has("--locked");
    const HostConfig config = plan_text(line.words.front(), std::move(text), options);
    problems.add(config.plan.diagnostics);
    if (line.has("--kernel") || line.has("--modules")) check_modules(line, config, problems);
}

int run(const CommandLineWords& line) {
    Result<std::string> data = read_file(line.words.front());
    if (!data) return report(data.error());
    Problems problems;
    if (looks_like_image(*data))
        check_image(line.words.front(), *data, problems);
    else
        check_config(line, std::move(*data), problems);
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
