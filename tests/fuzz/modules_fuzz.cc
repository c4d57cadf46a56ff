// SPDX-License-Identifier: MIT
// The index files of depmod(8), and those that images get from them. The input is the files one
// behind the other, each behind a line `== modules.dep`; `== names` are the modules of an image.
// What the image's files say is read by libkmod, as the target does.
#include <fcntl.h>
#include <libkmod.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <map>

#include "images/closure.h"
#include "images/host.h"
#include "images/modinfo.h"
#include "init/base/fd.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

using images::Closure;
using images::Module;
using images::ModuleTree;

constexpr std::string_view kFiles[] = {"modules.dep",     "modules.alias",
                                       "modules.builtin", "modules.builtin.modinfo",
                                       "modules.softdep", "modules.weakdep"};
constexpr std::string_view kVersion = "6.1.0-fuzz";

void write_file(const std::string& path, std::string_view text) {
    const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    HOLDS(file.valid());
    HOLDS(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

// Two directories of one kernel, removed at the end: depmod's, and that of an image.
struct Directories {
    std::string root, from, to;

    Directories() {
        const char* temporary = std::getenv("TMPDIR");
        root = std::string(temporary != nullptr ? temporary : "/tmp") + "/fuzz.XXXXXX";
        HOLDS(mkdtemp(root.data()) != nullptr);
        from = root + "/lib/modules/" + std::string(kVersion);
        to = root + "/image";
        for (const std::string& path : {root + "/lib", root + "/lib/modules", from, to})
            HOLDS(mkdir(path.c_str(), 0700) == 0);
    }
};

const Directories& directories() {
    // Never destroyed: the run script removes TMPDIR.
    static const auto* const made = new Directories();
    return *made;
}

// The sections by name; the names of modules are among them.
std::map<std::string_view, std::string> sections_of(std::string_view input) {
    std::map<std::string_view, std::string> sections;
    std::string* section = &sections["names"];
    while (!input.empty()) {
        const std::string_view line = images::take_line(input);
        if (line.starts_with("== "))
            section = &sections[line.substr(3)];
        else
            section->append(line).append("\n");
    }
    return sections;
}

void check_tree(const ModuleTree& tree) {
    HOLDS(tree.version() == kVersion);
    HOLDS(std::is_sorted(tree.builtins().begin(), tree.builtins().end()));
    std::size_t count = 0;
    for (const std::string_view name : tree.names()) {
        if (++count > 32) break;
        HOLDS(tree.find(name) != nullptr || tree.is_builtin(name));
        HOLDS(tree.lookup(name).found());
    }
}

// Each module once, and those that it depends on in front of it, unless they go in circles.
void check_closure(const ModuleTree& tree, const Closure& closure) {
    std::map<const Module*, std::size_t> places;
    for (const Module* module : closure.load_order())
        HOLDS(places.emplace(module, places.size()).second);
    for (const Module* module : closure.load_order())
        for (const std::string_view path : module->dependencies) {
            const Module* dependency = tree.find_path(path);
            HOLDS(dependency == nullptr || places.contains(dependency));
        }
    for (const std::string& line : closure.unmet()) HOLDS(!line.empty());
}

// Names and paths as real ones are; libkmod has its own mind about others.
bool is_plain(std::string_view text) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_/.";
    return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

bool is_plain(const Module& module) {
    return is_plain(module.name) && is_plain(module.path) && !module.path.starts_with('/') &&
           std::all_of(module.dependencies.begin(), module.dependencies.end(),
                       [](std::string_view path) { return is_plain(path); });
}

void drop_message(void*, int, const char*, int, const char*, const char*, va_list) {}

// libkmod finds every module of the image by its name, at its place.
void check_with_libkmod(const Closure& closure, const std::string& directory) {
    const char* const no_config = nullptr;
    kmod_ctx* kmod = kmod_new(directory.c_str(), &no_config);
    HOLDS(kmod != nullptr);
    kmod_set_log_fn(kmod, drop_message, nullptr);
    HOLDS(kmod_load_resources(kmod) == 0);
    std::map<std::string_view, const Module*> first;  // of a name: libkmod takes that one
    for (const Module* module : closure.load_order()) {
        const Module*& known = first[module->name];
        if (known == nullptr || module->order < known->order) known = module;
    }
    std::size_t count = 0;
    for (const auto& [name, module] : first) {
        if (!is_plain(*module) || ++count > 32) continue;
        kmod_list* list = nullptr;
        HOLDS(kmod_module_new_from_lookup(kmod, module->name.c_str(), &list) >= 0);
        HOLDS(list != nullptr);
        kmod_module* found = kmod_module_get_module(list);
        const std::string path =
            images::join_path(directory, images::uncompressed_path(module->path));
        HOLDS(kmod_module_get_path(found) != nullptr && kmod_module_get_path(found) == path);
        kmod_module_unref(found);
        kmod_module_unref_list(list);
    }
    kmod_unref(kmod);
}

}  // namespace

void fuzz_one(std::string_view input) {
    const Directories& where = directories();
    const auto sections = sections_of(input);
    for (const std::string_view name : kFiles) {
        const auto section = sections.find(name);
        write_file(images::join_path(where.from, name),
                   section == sections.end() ? std::string_view() : section->second);
    }
    HOLDS(images::find_module_directory({}, where.root).value_or("") == where.from);
    const Result<ModuleTree> tree = ModuleTree::open(where.from);
    if (!tree) return;
    check_tree(*tree);
    Closure closure(*tree);
    std::string_view names = sections.at("names");
    while (!names.empty()) {
        const std::string_view name = images::take_line(names);
        HOLDS(closure.add(name) == tree->lookup(name).found());
        (void)closure.add_filesystem(name);
    }
    check_closure(*tree, closure);
    for (const images::IndexFile& file : images::make_module_indexes(*tree, closure))
        write_file(images::join_path(where.to, file.name), file.content);
    check_with_libkmod(closure, where.to);
}

}  // namespace prologue::fuzz
