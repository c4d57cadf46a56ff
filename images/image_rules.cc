// SPDX-License-Identifier: MIT
#include "images/image_rules.h"

#include <algorithm>

#include <elf.h>

#include "images/elf.h"
#include "images/host.h"
#include "images/kernel_modules.h"
#include "init/base/path.h"

namespace prologue::images {
namespace {

constexpr std::string_view kShells[] = {"sh",    "ash", "bash", "busybox", "csh",      "dash",
                                        "fish",  "ksh", "mksh", "rbash",   "tcsh",     "toybox",
                                        "toysh", "zsh", "sash", "hush",    "static-sh"};

// The interpreter of a "#!" line.
std::string_view script_interpreter(std::string_view content) {
    if (!content.starts_with("#!")) return {};
    std::string_view line = take_line(content);
    line.remove_prefix(2);
    const std::vector<std::string_view> words = split_words(line);
    return words.empty() ? std::string_view() : words.front();
}

void check_interpreter(const Archive& archive, std::string_view interpreter, Problems& problems) {
    if (!archive.resolve(interpreter).empty()) return;
    problems.error(
        "/init wants the interpreter " + std::string(interpreter) + ", which is not in the image",
        "the kernel would say 'Failed to execute /init (error -2)'");
}

void check_init_program(const Archive& archive, const Entry& init, Problems& problems) {
    const std::string& content = archive.content_of(init);
    const std::string_view script = script_interpreter(content);
    if (!script.empty()) return check_interpreter(archive, script, problems);
    if (!is_elf(content))
        return problems.error("/init is neither an ELF program nor a script with a '#!' line");
    const Result<ElfProgram> elf = parse_elf_program(content);
    if (!elf) return problems.error(Error(elf.error()).with_object("/init"));
    if (elf->machine != EM_X86_64)
        return problems.error("/init is a program of another architecture",
                              "this tool knows x86-64 only");
    if (elf->type != ET_EXEC && elf->type != ET_DYN)
        return problems.error("/init is an ELF file, but no program");
    if (!elf->interpreter.empty()) check_interpreter(archive, elf->interpreter, problems);
}

const config::Word* word_of(const Step& step, std::string_view name) {
    for (std::size_t i = 0; i < step.type->options.size(); ++i)
        if (step.type->options[i].name.view() == name) return step.find(i);
    return nullptr;
}

// Directories on which an earlier line mounts something: what lies there is known at boot only.
bool is_on_mount(const std::vector<std::string>& mounted, std::string_view path) {
    return std::any_of(mounted.begin(), mounted.end(), [path](const std::string& directory) {
        return path_is_below(path, directory);
    });
}

void check_file(const config::Word* word, bool executable, const std::vector<std::string>& mounted,
                const Archive& archive, config::Diagnostics& diagnostics) {
    if (word == nullptr || !word->is_literal() || !word->text().starts_with('/')) return;
    const std::string path = word->text();
    if (is_on_mount(mounted, path)) return;
    const Entry* entry = archive.find(archive.resolve(path));
    if (entry == nullptr || entry->kind != EntryKind::kFile) {
        diagnostics.error(word->span, "the image has no file " + path,
                          "bring it with '--add SRC:" + path + "'");
    } else if (executable && (entry->mode & 0111) == 0) {
        diagnostics.error(word->span, path + " is not executable in the image");
    }
}

}  // namespace

void check_init(const Archive& archive, Problems& problems) {
    const std::string path = archive.resolve("init");
    const Entry* init = archive.find(path);
    if (init == nullptr || path.empty())
        return problems.error("the image has no /init",
                              "without it the kernel ignores the image and mounts 'root=' itself");
    if (init->kind != EntryKind::kFile)
        return problems.error("/init is a " + std::string(name_of(init->kind)) + ", not a file");
    if ((init->mode & 0111) == 0)
        return problems.error("/init is not executable",
                              "the kernel would say 'Failed to execute /init (error -13)'");
    check_init_program(archive, *init, problems);
}

void check_locked(const Archive& archive, Problems& problems) {
    for (const Entry* entry : archive.in_order()) {
        if (entry->kind != EntryKind::kFile && entry->kind != EntryKind::kSymlink) continue;
        const std::string_view directory = base_name(parent_of(entry->path));
        const std::string_view name = base_name(entry->path);
        const bool is_shell =
            std::find(std::begin(kShells), std::end(kShells), name) != std::end(kShells);
        if (is_shell && (directory == "bin" || directory == "sbin"))
            problems.error("a locked image has no shell, and /" + entry->path + " is one");
    }
    if (archive.contains("rescue"))
        problems.error("a locked image has no /rescue: 'rdinit=/rescue' would start its shell");
}

void check_plan_files(const Plan& plan, const Archive& archive, config::Diagnostics& diagnostics) {
    std::vector<std::string> mounted;
    for (const Step& step : plan.steps) {
        const std::string_view keyword = step.type->keyword;
        if (keyword == "mount") {
            const config::Word* directory = word_of(step, "target");
            if (directory == nullptr) directory = word_of(step, "dir");
            if (directory != nullptr && directory->is_literal() && directory->text() != "/")
                mounted.push_back(directory->text());
        }
        if (keyword == "exec" || keyword == "service") {
            const config::Word* path = word_of(step, "path");
            if (path == nullptr && !step.rest.empty()) path = &step.rest.front();
            check_file(path, true, mounted, archive, diagnostics);
        }
        // With a key device the path is one of that device.
        if (keyword == "decrypt" && word_of(step, "key-device") == nullptr)
            check_file(word_of(step, "key"), false, mounted, archive, diagnostics);
    }
}

}  // namespace prologue::images
