// SPDX-License-Identifier: MIT
#include "images/image_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "images/host.h"
#include "images/image_modules.h"
#include "images/image_rules.h"
#include "images/modinfo.h"
#include "images/module_signature.h"

namespace prologue::images {
namespace {

bool is_module(std::string_view path) {
    const std::string_view name = base_name(path);
    return name.ends_with(".ko") || name.ends_with(".ko.xz") || name.ends_with(".ko.zst") ||
           name.ends_with(".ko.gz");
}

Result<ImageModule> read_module(std::string_view version, const Entry& entry, std::string data,
                                std::size_t limit, Problems& problems) {
    const std::string plain = TRY(unpack_module(std::move(data), limit));
    const std::string_view bare = TRY(without_signature(plain));
    ModuleInfo info = TRY(parse_modinfo(bare));
    const std::string built_for = info.vermagic.substr(0, info.vermagic.find(' '));
    if (!built_for.empty() && built_for != version)
        problems.error("/" + entry.path + " is built for kernel " + built_for);
    return ImageModule{entry.path, module_name_of_path(entry.path), std::move(info.vermagic),
                       std::move(info.depends), bare.size() < plain.size()};
}

// What is built in is no dependency: a module names modules.
void check_closure(const std::string& version, const std::vector<ImageModule>& modules,
                   Problems& problems) {
    std::set<std::string, std::less<>> names;
    for (const ImageModule& module : modules) names.insert(module.name);
    std::map<std::string, std::vector<std::string>> missing;  // and who needs it
    for (const ImageModule& module : modules)
        for (const std::string& needed : module.depends)
            if (!names.contains(needed)) missing[needed].push_back(module.name);
    for (const auto& [needed, users] : missing)
        problems.error("the image has no module " + needed + " for kernel " + version +
                           ", which these need: " + some_of(users),
                       "the kernel would refuse them with 'Unknown symbol'");
}

ImageModules check_modules(const Archive& tree, std::size_t limit, Problems& problems) {
    std::map<std::string, bool, std::less<>> versions;  // and whether libkmod finds an index
    ImageModules found;
    for (const Entry* entry : tree.in_order()) {
        const std::string_view version = kernel_of_path(entry->path);
        if (version.empty() || entry->kind != EntryKind::kFile || !is_module(entry->path)) continue;
        const std::string index =
            std::string(entry->path.substr(0, entry->path.find(version) + version.size())) +
            "/modules.dep.bin";
        versions.emplace(version, tree.contains(index));
        std::vector<ImageModule>& of_version = found[std::string(version)];
        Result<ImageModule> module = read_module(version, *entry, tree.content_of(*entry),
                                                 std::min(limit, kMaxModuleBytes), problems);
        if (module)
            of_version.push_back(std::move(*module));
        else
            problems.error(std::move(module).error().with_object("/" + entry->path));
    }
    for (const auto& [version, has_index] : versions)
        if (!has_index)
            problems.error("the modules of kernel " + version + " have no modules.dep.bin",
                           "nothing can be loaded without it; run depmod before packing");
    for (const auto& [version, modules] : found) check_closure(version, modules, problems);
    return found;
}

std::optional<HostConfig> check_config(const std::string& name, const Archive& tree, bool locked,
                                       Kernel kernel, Problems& problems) {
    if (locked) check_config_there(tree, problems);
    const Entry* entry = tree.find(tree.resolve(kConfigPath));
    if (entry == nullptr || entry->kind != EntryKind::kFile) return std::nullopt;
    HostPlanOptions options;
    options.locked = locked;
    HostConfig config =
        plan_text(name + ":/" + std::string(kConfigPath), tree.content_of(*entry), options);
    check_plan_files(config.plan, tree, config.plan.diagnostics);
    check_plan_modules(config.plan, tree, config.plan.diagnostics);
    if (kernel == Kernel::kUnknown) warn_of_no_modules(config.plan, tree, config.plan.diagnostics);
    recommend_wiping(config.plan, nullptr, config.plan.diagnostics);
    problems.add(config.plan.diagnostics);
    return config;
}

}  // namespace

std::vector<std::string> unsigned_names(const std::vector<ImageModule>& modules) {
    std::vector<std::string> names;
    for (const ImageModule& module : modules)
        if (!module.is_signed) names.push_back(module.name);
    return names;
}

CheckedImage check_image(const std::string& name, std::string_view data, Problems& problems,
                         Kernel kernel, std::size_t limit) {
    ImageContents contents = read_image(data, limit);
    for (const Problem& problem : contents.problems.all()) {
        if (problem.severity == config::Severity::kError)
            problems.error(problem.message, problem.hint);
        else
            problems.warning(problem.message, problem.hint);
    }
    CheckedImage image;
    image.parts = contents.parts;
    if (contents.entries.empty()) return image;
    image.tree = contents.tree();
    Problems of_tree;  // parents and links: the reader has said it better, with offsets
    image.tree.finish(of_tree);
    check_init(image.tree, problems);
    image.modules = check_modules(image.tree, limit, problems);
    const bool locked = image.tree.contains(kLockedMarker);
    if (locked) check_locked(image.tree, problems);
    image.config = check_config(name, image.tree, locked, kernel, problems);
    return image;
}

}  // namespace prologue::images
