// SPDX-License-Identifier: MIT
#include "images/closure.h"

#include <algorithm>

#include "images/kmod_index.h"
#include "images/modinfo.h"
#include "images/needs.h"

namespace prologue::images {

bool Closure::has(std::string_view name) const {
    const Module* module = tree_->find(name);
    return module != nullptr && visited_.contains(module);
}

bool Closure::add(std::string_view name) {
    const ModuleTree::Lookup found = tree_->lookup(name);
    for (const Module* module : found.modules) add_module(*module);
    // A driver that is built in asks for the same things as the module would.
    if (found.builtin) add_needs(normalise_module_name(name));
    return found.found();
}

bool Closure::add_filesystem(std::string_view type) {
    if (add("fs-" + std::string(type))) {
        add_needs(normalise_module_name(type));
        return true;
    }
    return add(type) || is_core_filesystem(type);
}

void Closure::add_soft(const std::vector<std::string>& names) {
    // A soft dependency that is not there is no error for modprobe either.
    for (const std::string& name : names) (void)add(name);
}

void Closure::add_module(const Module& module) {
    // Marked before its dependencies are followed: soft dependencies may go in circles.
    if (!visited_.insert(&module).second) return;
    for (const SoftDependency& soft : tree_->soft_dependencies())
        if (soft.module == module.name) add_soft(soft.before);
    for (auto path = module.dependencies.rbegin(); path != module.dependencies.rend(); ++path) {
        const Module* dependency = tree_->find_path(*path);
        if (dependency == nullptr) {
            unmet_.push_back("module '" + module.name + "' depends on " + std::string(*path) +
                             ", which modules.dep does not have");
            continue;
        }
        add_module(*dependency);
    }
    order_.push_back(&module);
    for (const SoftDependency& soft : tree_->soft_dependencies())
        if (soft.module == module.name) add_soft(soft.after);
    for (const SoftDependency& weak : tree_->weak_dependencies())
        if (weak.module == module.name) add_soft(weak.before);
    add_needs(module.name);
}

// What is built in answers the kernel's request, so that faster modules of the same alias are never
// asked for.
bool Closure::add_need(std::string_view name) {
    return (tree_->find(name) == nullptr && tree_->lookup(name).builtin) || add(name);
}

void Closure::replace_needs(std::string module, std::vector<std::string> names) {
    replaced_ = std::move(module);
    replacements_ = std::move(names);
}

void Closure::add_needs(std::string_view name) {
    if (!needs_seen_.insert(std::string(name)).second) return;
    if (!replaced_.empty() && name == replaced_) {
        for (const std::string& wanted : replacements_) {
            if (!add(wanted))
                unmet_.push_back("'" + replaced_ + "' asks the kernel for " + wanted +
                                 ", and this kernel has none of it");
        }
        return;
    }
    for (const Need& need : need_table()) {
        if (need.module.view() != name) continue;
        bool any = false;
        for (const std::string_view wanted : split_words(need.names)) any |= add_need(wanted);
        if (any || !need.required) continue;
        std::string line = "'" + std::string(name) + "' asks the kernel for ";
        bool first = true;
        for (const std::string_view wanted : split_words(need.names)) {
            if (!first) line += " or ";
            first = false;
            line.append(wanted);
        }
        unmet_.push_back(line + ", and this kernel has none of it");
    }
}

namespace {

std::string dependency_line(const Module& module) {
    std::string line(uncompressed_path(module.path));
    line += ':';
    for (const std::string_view path : module.dependencies)
        line.append(" ").append(uncompressed_path(path));
    return line;
}

IndexFile dependency_text(const std::vector<const Module*>& modules) {
    std::string text;
    for (const Module* module : modules) text += dependency_line(*module) + "\n";
    return {"modules.dep", std::move(text)};
}

IndexFile dependency_index(const std::vector<const Module*>& modules) {
    KmodIndex index;
    for (const Module* module : modules)
        index.insert(module->name, dependency_line(*module), module->order);
    return {"modules.dep.bin", index.bytes()};
}

IndexFile alias_index(const ModuleTree& tree, const Closure& closure) {
    KmodIndex index;
    for (const Alias& alias : tree.aliases()) {
        if (!closure.has(alias.module)) continue;
        index.insert(normalise_module_name(alias.pattern), alias.module,
                     tree.find(alias.module)->order);
    }
    return {"modules.alias.bin", index.bytes()};
}

IndexFile builtin_index(const ModuleTree& tree) {
    KmodIndex index;
    std::string_view last;
    for (const std::string& name : tree.builtins()) {
        if (name != last) index.insert(name, "", 0);
        last = name;
    }
    return {"modules.builtin.bin", index.bytes()};
}

IndexFile builtin_alias_index(const ModuleTree& tree) {
    KmodIndex index;
    for (const Alias& alias : tree.builtin_aliases())
        index.insert(normalise_module_name(alias.pattern), alias.module, 0);
    return {"modules.builtin.alias.bin", index.bytes()};
}

void append_words(std::string& line, std::string_view heading,
                  const std::vector<std::string>& words) {
    if (words.empty()) return;
    line.append(" ").append(heading);
    for (const std::string& word : words) line.append(" ").append(word);
}

IndexFile soft_text(const ModuleTree& tree, const Closure& closure) {
    std::string text;
    for (const SoftDependency& soft : tree.soft_dependencies()) {
        if (!closure.has(soft.module)) continue;
        std::string line = "softdep " + soft.module;
        append_words(line, "pre:", soft.before);
        append_words(line, "post:", soft.after);
        text += line + "\n";
    }
    return {"modules.softdep", std::move(text)};
}

}  // namespace

std::vector<IndexFile> make_module_indexes(const ModuleTree& tree, const Closure& closure) {
    std::vector<const Module*> modules = closure.load_order();
    std::sort(modules.begin(), modules.end(),
              [](const Module* a, const Module* b) { return a->order < b->order; });
    std::vector<IndexFile> files;
    files.push_back(dependency_text(modules));
    files.push_back(dependency_index(modules));
    files.push_back(alias_index(tree, closure));
    files.push_back(builtin_index(tree));
    files.push_back(builtin_alias_index(tree));
    // Nobody loads by symbol, but libkmod's kmod_load_resources() fails when this file is missing.
    files.push_back({"modules.symbols.bin", KmodIndex().bytes()});
    IndexFile soft = soft_text(tree, closure);
    if (!soft.content.empty()) files.push_back(std::move(soft));
    return files;
}

}  // namespace prologue::images
