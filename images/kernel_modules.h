// SPDX-License-Identifier: MIT
// One kernel's modules on disk: the index files of depmod(8) under lib/modules/VERSION, and which
// modules a name stands for. Reads the text files, which every kmod version writes alike.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "init/base/error.h"

namespace prologue::images {

struct Module {
    std::string name;       // '_' for '-'
    std::string_view path;  // below the directory: "kernel/fs/ext4/ext4.ko.xz"
    std::vector<std::string_view>
        dependencies;         // paths, as modules.dep has them: load from the last
    std::uint32_t order = 0;  // its line in modules.dep: the priority of its aliases
};

struct SoftDependency {
    std::string module;
    std::vector<std::string> before, after;
};

struct Alias {
    std::string_view pattern;  // as in the file; fnmatch(3)
    std::string module;
};

class ModuleTree {
  public:
    // `directory` is lib/modules/VERSION itself. A modules.dep that is missing or empty, or a
    // missing modules.alias, is an error: an image made from it would carry nothing, or not all.
    static Result<ModuleTree> open(const std::string& directory);

    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] const std::string& version() const { return version_; }

    [[nodiscard]] const Module* find(std::string_view name) const;       // by module name
    [[nodiscard]] const Module* find_path(std::string_view path) const;  // as in modules.dep
    [[nodiscard]] bool is_builtin(std::string_view name) const;          // by module name

    // What modprobe would do with a name or alias, in its order: a module, the modules with a
    // matching alias, something built in, or nothing.
    struct Lookup {
        std::vector<const Module*> modules;
        bool builtin = false;
        [[nodiscard]] bool found() const { return builtin || !modules.empty(); }
    };
    [[nodiscard]] Lookup lookup(std::string_view name) const;

    [[nodiscard]] const std::vector<SoftDependency>& soft_dependencies() const { return soft_; }
    [[nodiscard]] const std::vector<SoftDependency>& weak_dependencies() const { return weak_; }
    [[nodiscard]] const std::vector<Alias>& aliases() const { return aliases_; }
    [[nodiscard]] const std::vector<Alias>& builtin_aliases() const { return builtin_aliases_; }
    [[nodiscard]] const std::vector<std::string>& builtins() const { return builtins_; }
    [[nodiscard]] std::vector<std::string_view> names() const;

    // The folders in which this kernel looks for firmware, beside these modules.
    [[nodiscard]] std::vector<std::string> firmware_directories() const;

  private:
    struct Texts {  // on the heap: views into them survive a move of the tree
        std::string dep, alias, builtin_modinfo;
    };
    [[nodiscard]] Result<std::string> read_depmod_file(std::string_view name) const;
    Result<> read_dependencies();
    void read_builtins(std::string_view text);
    void read_aliases(std::string_view text);
    void read_builtin_aliases(std::string_view text);
    static std::vector<SoftDependency> read_soft(std::string_view text);

    std::string directory_, version_;
    std::unique_ptr<Texts> texts_;
    std::vector<Module> modules_;
    std::unordered_map<std::string, std::size_t> by_name_;
    std::unordered_map<std::string_view, std::size_t> by_path_;
    std::vector<std::string> builtins_;  // sorted
    std::vector<SoftDependency> soft_, weak_;
    std::vector<Alias> aliases_, builtin_aliases_;
};

// Where the modules of `-k VERSION` and `--modules DIR` lie. DIR may be lib/modules/VERSION itself
// or a root that holds one below lib/modules or usr/lib/modules (with several, VERSION chooses).
Result<std::string> find_module_directory(const std::string& version, const std::string& directory);

// Words between spaces and tabs.
std::vector<std::string_view> split_words(std::string_view text);
// Takes the next line off `text`, without its newline.
std::string_view take_line(std::string_view& text);

}  // namespace prologue::images
