// SPDX-License-Identifier: MIT
#include "images/kernel_modules.h"

#include <algorithm>

#include <fnmatch.h>

#include "images/host.h"
#include "images/modinfo.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

// An index file that may be missing: what it would say is then unknown, which is no error.
std::string read_optional(const std::string& path) {
    Result<std::string> text = read_file(path);
    return text ? std::move(*text) : std::string();
}

// fnmatch(3) of normalised names, after a cheap look at what stands before the first wildcard.
bool matches(std::string_view pattern, const std::string& name) {
    constexpr std::string_view kSpecial = "*?[\\";
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (kSpecial.find(pattern[i]) != std::string_view::npos)
            return fnmatch(normalise_module_name(pattern).c_str(), name.c_str(), 0) == 0;
        const char letter = pattern[i] == '-' ? '_' : pattern[i];
        if (i >= name.size() || letter != name[i]) return false;
    }
    return pattern.size() == name.size();
}

}  // namespace

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    constexpr std::string_view kBlank = " \t\r";
    for (;;) {
        const std::size_t start = text.find_first_not_of(kBlank);
        if (start == std::string_view::npos) return words;
        text.remove_prefix(start);
        const std::size_t end = std::min(text.find_first_of(kBlank), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::string_view take_line(std::string_view& text) {
    return take_part(text, '\n');
}

Result<ModuleTree> ModuleTree::open(const std::string& directory) {
    ModuleTree tree;
    tree.directory_ = TRY(real_path(directory));
    tree.version_ = std::string(base_name(tree.directory_));
    tree.texts_ = std::make_unique<Texts>();
    TRY_VOID(tree.read_dependencies());
    tree.read_builtins(read_optional(join_path(tree.directory_, "modules.builtin")));
    tree.texts_->alias = TRY(tree.read_depmod_file("modules.alias"));
    tree.read_aliases(tree.texts_->alias);
    tree.texts_->builtin_modinfo =
        read_optional(join_path(tree.directory_, "modules.builtin.modinfo"));
    tree.read_builtin_aliases(tree.texts_->builtin_modinfo);
    tree.soft_ = read_soft(read_optional(join_path(tree.directory_, "modules.softdep")));
    tree.weak_ = read_soft(read_optional(join_path(tree.directory_, "modules.weakdep")));
    return tree;
}

// depmod writes all of its files, be they empty: without one of them an image would lack modules, and
// nothing would say so.
Result<std::string> ModuleTree::read_depmod_file(std::string_view name) const {
    Result<std::string> text = read_file(join_path(directory_, name));
    if (text) return text;
    return fail(std::move(text).error().with_hint(
        "this is no finished module directory; run 'depmod " + version_ + "'"));
}

Result<> ModuleTree::read_dependencies() {
    const std::string path = join_path(directory_, "modules.dep");
    texts_->dep = TRY(read_depmod_file("modules.dep"));
    std::string_view text = texts_->dep;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        const std::size_t colon = line.find(':');
        if (line.starts_with('#') || colon == std::string_view::npos) continue;
        Module module;
        module.path = line.substr(0, colon);
        module.name = module_name_of_path(module.path);
        module.dependencies = split_words(line.substr(colon + 1));
        module.order = static_cast<std::uint32_t>(modules_.size());
        by_name_.emplace(module.name, modules_.size());
        by_path_.emplace(module.path, modules_.size());
        modules_.push_back(std::move(module));
    }
    if (modules_.empty()) {
        Error error = Error::refused("read", path, "it names no module");
        error->hint = "a depmod that cannot read the modules' compression writes an empty index";
        return fail(std::move(error));
    }
    return {};
}

void ModuleTree::read_builtins(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (!line.empty()) builtins_.push_back(module_name_of_path(line));
    }
    std::sort(builtins_.begin(), builtins_.end());
}

void ModuleTree::read_aliases(std::string_view text) {
    while (!text.empty()) {
        std::string_view line = take_line(text);
        if (!line.starts_with("alias ")) continue;
        line.remove_prefix(6);
        // The module is the last word: some patterns have blanks in them.
        const std::size_t space = line.rfind(' ');
        if (space == std::string_view::npos) continue;
        aliases_.push_back({line.substr(0, space), normalise_module_name(line.substr(space + 1))});
    }
}

// NUL-separated "ext4.alias=fs-ext4"; kernels before 5.2 have no such file.
void ModuleTree::read_builtin_aliases(std::string_view text) {
    constexpr std::string_view kKey = ".alias=";
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\0'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t dot = line.find('.');
        if (dot == std::string_view::npos || !line.substr(dot).starts_with(kKey)) continue;
        builtin_aliases_.push_back(
            {line.substr(dot + kKey.size()), normalise_module_name(line.substr(0, dot))});
    }
}

// "softdep NAME pre: a b post: c" and "weakdep NAME a b": words without a heading come before.
std::vector<SoftDependency> ModuleTree::read_soft(std::string_view text) {
    std::vector<SoftDependency> all;
    while (!text.empty()) {
        const std::vector<std::string_view> words = split_words(take_line(text));
        if (words.size() < 3 || (words[0] != "softdep" && words[0] != "weakdep")) continue;
        SoftDependency one;
        one.module = normalise_module_name(words[1]);
        bool after = false;
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (words[i] == "pre:" || words[i] == "post:") {
                after = words[i] == "post:";
            } else {
                (after ? one.after : one.before).push_back(normalise_module_name(words[i]));
            }
        }
        all.push_back(std::move(one));
    }
    return all;
}

const Module* ModuleTree::find(std::string_view name) const {
    const auto found = by_name_.find(normalise_module_name(name));
    return found == by_name_.end() ? nullptr : &modules_[found->second];
}

const Module* ModuleTree::find_path(std::string_view path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : &modules_[found->second];
}

bool ModuleTree::is_builtin(std::string_view name) const {
    return std::binary_search(builtins_.begin(), builtins_.end(), normalise_module_name(name));
}

ModuleTree::Lookup ModuleTree::lookup(std::string_view name) const {
    Lookup result;
    if (const Module* module = find(name); module != nullptr) {
        result.modules.push_back(module);
        return result;
    }
    const std::string normal = normalise_module_name(name);
    for (const Alias& alias : aliases_) {
        if (!matches(alias.pattern, normal)) continue;
        const Module* module = find(alias.module);
        const auto& seen = result.modules;
        if (module != nullptr && std::find(seen.begin(), seen.end(), module) == seen.end())
            result.modules.push_back(module);
    }
    result.builtin =
        is_builtin(normal) ||
        std::any_of(builtin_aliases_.begin(), builtin_aliases_.end(),
                    [&](const Alias& alias) { return matches(alias.pattern, normal); });
    return result;
}

std::vector<std::string_view> ModuleTree::names() const {
    std::vector<std::string_view> names;
    names.reserve(modules_.size() + builtins_.size());
    for (const Module& module : modules_) names.push_back(module.name);
    for (const std::string& name : builtins_) names.push_back(name);
    return names;
}

// The order of drivers/base/firmware_loader: updates first, the version's own before the common
// one.
std::vector<std::string> ModuleTree::firmware_directories() const {
    const std::string_view lib = parent_of(parent_of(directory_));
    const std::string base = join_path(lib, "firmware");
    return {join_path(base, "updates/" + version_), join_path(base, "updates"),
            join_path(base, version_), base};
}

}  // namespace prologue::images
