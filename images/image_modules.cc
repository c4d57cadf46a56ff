// SPDX-License-Identifier: MIT
#include "images/image_modules.h"

#include <fnmatch.h>
#include <algorithm>

#include "images/host.h"
#include "images/kmod_index.h"
#include "images/modinfo.h"
#include "images/plan_modules.h"
#include "images/problems.h"

namespace prologue::images {
namespace {

constexpr std::string_view kModulePlaces[] = {"lib/modules/", "usr/lib/modules/"};
// The index files, and where their keys belong. Those of aliases are patterns of fnmatch(3).
struct Index {
    std::string_view file;
    std::vector<std::string> Carried::*keys;
};
constexpr Index kIndexes[] = {
    {"modules.dep.bin", &Carried::names},
    {"modules.builtin.bin", &Carried::built_in},
    {"modules.alias.bin", &Carried::aliases},
    {"modules.builtin.alias.bin", &Carried::built_in_aliases},
};

bool lists(const std::vector<std::string>& names, const std::vector<std::string>& patterns,
           std::string_view wanted) {
    const std::string name = normalise_module_name(wanted);
    return std::find(names.begin(), names.end(), name) != names.end() ||
           std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
               return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
           });
}

// A filesystem may be built in without an alias; what is missing of it shows at the mount.
std::vector<ModuleWish> named_modules(const Plan& plan) {
    std::vector<ModuleWish> wishes = module_wishes(plan);
    std::erase_if(wishes, [](const ModuleWish& wish) { return wish.filesystem; });
    return wishes;
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

bool Carried::has_module(std::string_view name) const {
    return lists(names, aliases, name);
}

bool Carried::has_built_in(std::string_view name) const {
    return lists(built_in, built_in_aliases, name);
}

std::map<std::string, Carried, std::less<>> carried_modules(const Archive& archive) {
    std::map<std::string, Carried, std::less<>> all;
    for (const Entry* entry : archive.in_order()) {
        const std::string_view kernel = kernel_of_path(entry->path);
        if (kernel.empty() || entry->kind != EntryKind::kFile) continue;
        Carried& carried = all[std::string(kernel)];
        for (const Index& index : kIndexes) {
            if (base_name(entry->path) != index.file) continue;
            for (std::string& key : index_keys(archive.content_of(*entry)))
                (carried.*index.keys).push_back(std::move(key));
        }
    }
    return all;
}

void check_plan_modules(const Plan& plan, const Archive& archive,
                        config::Diagnostics& diagnostics) {
    const std::vector<ModuleWish> wishes = named_modules(plan);
    if (wishes.empty()) return;
    for (const auto& [version, carried] : carried_modules(archive)) {
        // That it has no index is said elsewhere.
        if (carried.names.empty() && carried.built_in.empty()) continue;
        std::vector<std::string_view> names(carried.names.begin(), carried.names.end());
        names.insert(names.end(), carried.built_in.begin(), carried.built_in.end());
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

void warn_of_no_modules(const Plan& plan, const Archive& archive,
                        config::Diagnostics& diagnostics) {
    const std::vector<ModuleWish> wishes = named_modules(plan);
    if (wishes.empty() || !carried_modules(archive).empty()) return;
    std::vector<std::string> names;
    for (const ModuleWish& wish : wishes) names.push_back(wish.name);
    diagnostics.warning(
        wishes.front().where,
        "the image has no modules, so the kernel must have built in: " + some_of(names),
        "else build it with '-k VERSION' or '--modules DIR'");
}

}  // namespace prologue::images
