// SPDX-License-Identifier: MIT
// prologue check, prologue verify: all that is wrong with a config or an image.
#include <cstdio>
#include <optional>

#include "images/closure.h"
#include "images/command.h"
#include "images/host.h"
#include "images/host_config.h"
#include "images/image_check.h"
#include "images/image_rules.h"
#include "images/input.h"
#include "images/kernel_file.h"
#include "images/kernel_proof.h"
#include "images/module_signature.h"
#include "images/plan_modules.h"
#include "images/problems.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--kernel", "-k", "VERSION|VMLINUZ",
     "a kernel: the modules must exist for it, and be such as it takes; with its file, all else "
     "too"},
    {"--modules", "", "DIR", "the same, with the modules of a folder"},
    {"--cmdline", "", "WORDS", "of a config: the kernel command line it will see"},
    {"--board", "", "BOARD", "of a config: the machine it will run on"},
    {"--locked", "", "", "of a config: as in a locked image"},
};

// What --kernel and --modules say.
struct Target {
    bool given = false;
    std::string version, modules;  // of find_module_directory()
    std::optional<KernelFile> file;
};

Result<Target> target_of(const CommandLineWords& line) {
    Target target;
    target.given = line.has("--kernel") || line.has("--modules");
    target.version = line.value("--kernel");
    target.modules = line.value("--modules");
    if (!names_kernel_file(target.version)) return target;
    target.file = TRY(open_kernel_file(target.version, target.modules));
    target.version = target.file->image.version;
    if (target.modules.empty()) target.modules = target.file->modules;
    return target;
}

void check_modules(const Target& target, const HostConfig& config, Problems& problems) {
    const Result<std::string> directory = find_module_directory(target.version, target.modules);
    if (!directory) return problems.error(directory.error());
    const Result<ModuleTree> tree = ModuleTree::open(*directory);
    if (!tree) return problems.error(tree.error());
    Closure closure(*tree);
    config::Diagnostics diagnostics;
    add_wishes(module_wishes(config.plan), *tree, closure, diagnostics);
    add_root_filesystems(config.plan, closure);
    warn_of_no_filesystem(config.plan, *tree, closure, diagnostics);
    problems.add(diagnostics);
    for (const std::string& unmet : closure.unmet()) problems.warning(unmet);
    check_unsigned_files(*tree, closure, problems);
}

// Without a kernel on the command line it is that of this machine, where there is such a one.
void check_image_modules(const Target& target, const ImageModules& found, Problems& problems) {
    if (!target.given) {
        for (const auto& [version, modules] : found)
            check_unsigned(version, signature_rule("/lib/modules/" + version),
                           unsigned_names(modules), problems);
        return;
    }
    const Result<std::string> directory = find_module_directory(target.version, target.modules);
    if (!directory) return problems.error(directory.error());
    const std::string_view version = base_name(*directory);
    const auto of_kernel = found.find(version);
    if (of_kernel != found.end())
        return check_unsigned(version, signature_rule(*directory),
                              unsigned_names(of_kernel->second), problems);
    if (!found.empty())
        problems.error("the image has no modules of kernel " + std::string(version) + ", only of " +
                       found.begin()->first);
}

void check_config(const Target& target, const HostPlanOptions& options, Input input,
                  Problems& problems) {
    HostConfig config = plan_text(std::move(input.name), std::move(input.data), options);
    recommend_wiping(config.plan, config.command_line.get(), config.plan.diagnostics);
    problems.add(config.plan.diagnostics);
    if (target.given) check_modules(target, config, problems);
}

// Gives what is left open, for standard output: it is the answer to the question, and no message.
std::string check_image_file(const Target& target, const Input& input, Problems& problems) {
    const CheckedImage image = check_image(input.name, input.data, problems,
                                           target.file ? Kernel::kNamed : Kernel::kUnknown);
    if (target.file)
        return unproved_text(input.name, *target.file, prove_image(image, *target.file, problems));
    check_image_modules(target, image.modules, problems);
    return {};
}

int run(const CommandLineWords& line) {
    const Result<HostPlanOptions> options = plan_options(line);
    if (!options) return report(options.error());
    Result<Input> input = read_input(line.words.front(), Wanted::kEither);
    if (!input) return report(input.error());
    const Result<Target> target = target_of(line);
    if (!target) return report(target.error());
    Problems problems;
    std::string unproved;
    if (input->is_image)
        unproved = check_image_file(*target, *input, problems);
    else
        check_config(*target, *options, std::move(*input), problems);
    problems.print();
    (void)std::fwrite(unproved.data(), 1, unproved.size(), stdout);
    return problems.has_errors() ? kExitErrors : kExitClean;
}

}  // namespace

constinit const Command kCheck = {
    "check", "CONF|IMAGE", "report everything that is wrong with a config or an image", kOptions, 1,
    1,       run};
constinit const Command kVerify = {"verify", "CONF|IMAGE", "the same as 'check'", kOptions, 1,
                                   1,        run};

}  // namespace prologue::images
