// SPDX-License-Identifier: MIT
// The modules an image carries: those that were asked for and everything they need, in an order in
// which they can be loaded, dependencies first.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "images/kernel_modules.h"
#include "images/problems.h"

namespace prologue::images {

class Closure {
  public:
    explicit Closure(const ModuleTree& tree) : tree_(&tree) {}

    // Adds what a module name or alias stands for; false when this kernel has nothing of the name.
    bool add(std::string_view name);
    // From now on `module` asks for these names, all of them, instead of what the table says: for one
    // whose uses are known better.
    void replace_needs(std::string module, std::vector<std::string> names);
    // Adds a filesystem's driver: "fs-TYPE" or a module TYPE. Core types need none.
    bool add_filesystem(std::string_view type);

    [[nodiscard]] const std::vector<const Module*>& load_order() const { return order_; }
    // What the kernel will ask for and not find: one line each.
    [[nodiscard]] const std::vector<std::string>& unmet() const { return unmet_; }
    [[nodiscard]] bool has(std::string_view name) const;

  private:
    void add_module(const Module& module);
    void add_soft(const std::vector<std::string>& names);
    bool add_need(std::string_view name);
    void add_needs(std::string_view name);

    const ModuleTree* tree_;
    std::vector<const Module*> order_;
    std::unordered_set<const Module*> visited_;
    std::unordered_set<std::string> needs_seen_;
    std::string replaced_;  // its needs are these
    std::vector<std::string> replacements_;
    std::vector<std::string> unmet_;
};

// The index files for these modules, as path below lib/modules/VERSION and content: the trie files
// that libkmod looks into, modules.softdep which it reads as text, and modules.dep for people.
struct IndexFile {
    std::string name, content;
};
std::vector<IndexFile> make_module_indexes(const ModuleTree& tree, const Closure& closure);

}  // namespace prologue::images
