// SPDX-License-Identifier: MIT
#include "images/image_rules.h"

#include <algorithm>
#include <cerrno>

#include <elf.h>

#include "images/elf.h"
#include "images/host.h"
#include "images/kernel_modules.h"
#include "init/base/path.h"
#include "stages/stages.h"

namespace prologue::images {
namespace {

constexpr std::string_view kShells[] = {"sh",    "ash", "bash", "busybox", "csh",      "dash",
                                        "fish",  "ksh", "mksh", "rbash",   "tcsh",     "toybox",
                                        "toysh", "zsh", "sash", "hush",    "static-sh"};

// The driver through which QEMU hands a config over (board/qemu).

// The interpreter of a "#!" line.
std::string_view script_interpreter(std::string_view content) {
    if (!content.starts_with("#!")) return {};
    std::string_view line = take_line(content);
    line.remove_prefix(2);
    const std::vector<std::string_view> words = split_words(line);
    return words.empty() ? std::string_view() : words.front();
}

// What the kernel prints when it cannot execute this init.
std::string kernel_words(std::string_view name, int error) {
    if (name == "/init")
        return "the kernel would say 'Failed to execute /init (error -" + std::to_string(error) +
               ")'";
    return "the kernel would say 'Starting init: " + std::string(name) +
           " exists but couldn't execute it (error -" + std::to_string(error) + ")'";
}

void check_interpreter(const Archive& archive, const std::string& name,
                       std::string_view interpreter, Problems& problems) {
    if (!archive.resolve(interpreter).empty()) return;
    problems.error(
        name + " wants the interpreter " + std::string(interpreter) + ", which is not in the image",
        kernel_words(name, ENOENT));
}

void check_init_program(const Archive& archive, const std::string& name, const Entry& init,
                        Problems& problems) {
    const std::string& content = archive.content_of(init);
    const std::string_view script = script_interpreter(content);
    if (!script.empty()) return check_interpreter(archive, name, script, problems);
    if (!is_elf(content))
        return problems.error(name + " is neither an ELF program nor a script with a '#!' line");
    const Result<ElfProgram> elf = parse_elf_program(content);
    if (!elf) return problems.error(Error(elf.error()).with_object(name));
    if (elf->machine != EM_X86_64)
        return problems.error(name + " is a program of another architecture",
                              "this tool knows x86-64 only");
    if (elf->type != ET_EXEC && elf->type != ET_DYN)
        return problems.error(name + " is an ELF file, but no program");
    if (!elf->interpreter.empty()) check_interpreter(archive, name, elf->interpreter, problems);
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

void check_init(const Archive& archive, Problems& problems, std::string_view path) {
    const std::string name = "/" + std::string(path);
    const std::string real = archive.resolve(path);
    const Entry* init = archive.find(real);
    if (init == nullptr || real.empty())
        return problems.error(
            "the image has no " + name,
            path == kRootInitPath
                ? "without it the kernel tries /etc/init, /bin/init and /bin/sh"
                : "without it the kernel ignores the image and mounts 'root=' itself");
    if (init->kind != EntryKind::kFile)
        return problems.error(name + " is a " + std::string(name_of(init->kind)) + ", not a file");
    if ((init->mode & 0111) == 0)
        return problems.error(name + " is not executable", kernel_words(name, EACCES));
    check_init_program(archive, name, *init, problems);
}

// By the path that it reads.
bool has_our_init(const Archive& archive) {
    const Entry* init = archive.find(archive.resolve("init"));
    return init != nullptr && init->kind == EntryKind::kFile &&
           archive.content_of(*init).find("/" + std::string(kConfigPath)) != std::string::npos;
}

void check_config_there(const Archive& archive, Problems& problems) {
    const std::string path = "/" + std::string(kConfigPath);
    if (!has_our_init(archive) || archive.find(archive.resolve(path)) != nullptr) return;
    problems.error("the locked image has no " + path + ", and nothing else may say what it boots",
                   "name a CONF, or bring one with '--add FILE:" + path + "'");
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

void recommend_wiping(const Plan& plan, const config::CommandLine* words,
                      config::Diagnostics& diagnostics) {
    if (words != nullptr && words->flag("init_on_free")) return;
    for (const Step& step : plan.steps) {
        const config::Word* key = key_in_image(step);
        if (key == nullptr) continue;
        diagnostics.note(key->span,
                         "a key of the image passes through memory that the kernel frees",
                         "'init_on_free=1' on the kernel command line wipes that memory");
        return;
    }
}

}  // namespace prologue::images
