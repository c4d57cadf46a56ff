// SPDX-License-Identifier: MIT
#include "images/image_check.h"

#include <algorithm>
#include <map>

#include "images/host.h"
#include "images/host_config.h"
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

Result<> check_module(std::string_view version, const Entry& entry, std::string data,
                      std::size_t limit, UnsignedModules& found, Problems& problems) {
    const std::string plain = TRY(unpack_module(std::move(data), limit));
    const std::string_view bare = TRY(without_signature(plain));
    const ModuleInfo info = TRY(parse_modinfo(bare));
    if (bare.size() == plain.size())
        found.find(version)->second.push_back(module_name_of_path(entry.path));
    const std::string built_for = info.vermagic.substr(0, info.vermagic.find(' '));
    if (!built_for.empty() && built_for != version)
        problems.error("/" + entry.path + " is built for kernel " + built_for);
    return {};
}

UnsignedModules check_modules(const Archive& tree, std::size_t limit, Problems& problems) {
    std::map<std::string, bool, std::less<>> versions;  // and whether libkmod finds an index
    UnsignedModules found;
    for (const Entry* entry : tree.in_order()) {
        const std::string_view version = kernel_of_path(entry->path);
        if (version.empty() || entry->kind != EntryKind::kFile || !is_module(entry->path)) continue;
        const std::string index =
            std::string(entry->path.substr(0, entry->path.find(version) + version.size())) +
            "/modules.dep.bin";
        versions.emplace(version, tree.contains(index));
        found.try_emplace(std::string(version));
        const Result<> checked = check_module(version, *entry, tree.content_of(*entry),
                                              std::min(limit, kMaxModuleBytes), found, problems);
        if (!checked) problems.error(Error(checked.error()).with_object("/" + entry->path));
    }
    for (const auto& [version, has_index] : versions)
        if (!has_index)
            problems.error("the modules of kernel " + version + " have no modules.dep.bin",
                           "nothing can be loaded without it; run depmod before packing");
    return found;
}

void check_config(const std::string& name, const Archive& tree, bool locked, Problems& problems) {
    if (locked) check_config_there(tree, problems);
    const Entry* entry = tree.find(tree.resolve(kConfigPath));
    if (entry == nullptr || entry->kind != EntryKind::kFile) return;
    HostPlanOptions options;
    options.locked = locked;
    HostConfig config =
        plan_text(name + ":/" + std::string(kConfigPath), tree.content_of(*entry), options);
    check_plan_files(config.plan, tree, config.plan.diagnostics);
    check_plan_modules(config.plan, tree, config.plan.diagnostics);
    recommend_wiping(config.plan, nullptr, config.plan.diagnostics);
    problems.add(config.plan.diagnostics);
}

}  // namespace

UnsignedModules check_image(const std::string& name, std::string_view data, Problems& problems,
                            std::size_t limit) {
    ImageContents contents = read_image(data, limit);
    for (const Problem& problem : contents.problems.all()) {
        if (problem.severity == config::Severity::kError)
            problems.error(problem.message, problem.hint);
        else
            problems.warning(problem.message, problem.hint);
    }
    if (contents.entries.empty()) return {};
    Archive tree = contents.tree();
    Problems of_tree;  // parents and links: the reader has said it better, with offsets
    tree.finish(of_tree);
    check_init(tree, problems);
    UnsignedModules found = check_modules(tree, limit, problems);
    const bool locked = tree.contains(kLockedMarker);
    if (locked) check_locked(tree, problems);
    check_config(name, tree, locked, problems);
    return found;
}

}  // namespace prologue::images
