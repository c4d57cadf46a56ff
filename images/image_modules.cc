// SPDX-License-Identifier: MIT
#include "images/image_modules.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <fnmatch.h>

#include "images/host.h"
#include "images/kmod_index.h"
#include "images/modinfo.h"
#include "images/plan_modules.h"

namespace prologue::images {
namespace {

constexpr std::string_view kModulePlaces[] = {"lib/modules/", "usr/lib/modules/"};
// Their keys are names, except those of the aliases: patterns of fnmatch(3).
constexpr std::string_view kNameIndexes[] = {"modules.dep.bin", "modules.builtin.bin"};
constexpr std::string_view kAliasIndexes[] = {"modules.alias.bin", "modules.builtin.alias.bin"};

// What one kernel of the image can load, or has built in.
struct Carried {
    std::vector<std::string> names, patterns;

    [[nodiscard]] bool has(std::string_view wanted) const {
        const std::string name = normalise_module_name(wanted);
        return std::find(names.begin(), names.end(), name) != names.end() ||
               std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                   return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
               });
    }
};

bool is_one_of(std::span<const std::string_view> list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::map<std::string, Carried, std::less<>> carried_modules(const Archive& archive) {
    std::map<std::string, Carried, std::less<>> all;
    for (const Entry* entry : archive.in_order()) {
        const std::string_view kernel = kernel_of_path(entry->path);
        if (kernel.empty() || entry->kind != EntryKind::kFile) continue;
        Carried& carried = all[std::string(kernel)];
        const std::string_view name = base_name(entry->path);
        const bool has_names = is_one_of(kNameIndexes, name);
        if (!has_names && !is_one_of(kAliasIndexes, name)) continue;
        std::vector<std::string>& list = has_names ? carried.names : carried.patterns;
        for (std::string& key : index_keys(archive.content_of(*entry)))
            list.push_back(std::move(key));
    }
    return all;
}

void warn_of_none(const std::vector<ModuleWish>& wishes, config::Diagnostics& diagnostics) {
    std::vector<std::string> names;
    for (const ModuleWish& wish : wishes) names.push_back(wish.name);
    diagnostics.warning(
        wishes.front().where,
        "the image has no modules, so the kernel must have built in: " + some_of(names),
        "else build it with '-k VERSION' or '--modules DIR'");
}

}  // namespace

std::string_view kernel_of_path(std::string_view path) {
    for (const std::string_view place : kModulePlaces) {
        if (!path.starts_with(place)) continue;
        path.remove_prefix(place.size());
        const std::size_t slash = path.find('/');
        return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    }
    return {};
}

void check_plan_modules(const Plan& plan, const Archive& archive,
                        config::Diagnostics& diagnostics) {
    std::vector<ModuleWish> wishes = module_wishes(plan);
    // A filesystem may be built in without an alias; what is missing of it shows at the mount.
    std::erase_if(wishes, [](const ModuleWish& wish) { return wish.filesystem; });
    if (wishes.empty()) return;
    const auto kernels = carried_modules(archive);
    if (kernels.empty()) return warn_of_none(wishes, diagnostics);
    for (const auto& [version, carried] : kernels) {
        if (carried.names.empty()) continue;  // that it has no index is said elsewhere
        const std::vector<std::string_view> names(carried.names.begin(), carried.names.end());
        for (const ModuleWish& wish : wishes) {
            if (carried.has(wish.name)) continue;
            std::string hint = config::did_you_mean_hint(wish.name, names);
            if (hint.empty())
                hint = "build the image anew: 'prologue initramfs CONF -k " + version + "'";
            diagnostics.error(wish.where,
                              "the image has no module '" + wish.name + "' for kernel " + version,
                              std::move(hint));
        }
    }
}

}  // namespace prologue::images
