// SPDX-License-Identifier: MIT
#include "images/libraries.h"

#include <set>
#include <vector>

#include <elf.h>
#include <glob.h>

#include "images/elf.h"
#include "images/host.h"
#include "images/kernel_modules.h"

namespace prologue::images {
namespace {

constexpr int kMaxConfDepth = 8;  // of include lines
constexpr std::string_view kStandard[] = {"/lib64", "/usr/lib64", "/lib", "/usr/lib"};
constexpr std::string_view kMuslStandard[] = {"/lib", "/usr/local/lib", "/usr/lib"};

void read_ld_conf(const std::string& path, int depth, std::vector<std::string>& directories) {
    const Result<std::string> read = read_file(path);
    if (!read || depth > kMaxConfDepth) return;
    std::string_view text = *read;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        line = line.substr(0, line.find('#'));
        const std::vector<std::string_view> words = split_words(line);
        if (words.empty()) continue;
        if (words[0] != "include") {
            directories.emplace_back(words[0]);
            continue;
        }
        for (std::size_t i = 1; i < words.size(); ++i) {
            glob_t found = {};
            const std::string pattern = words[i].starts_with('/')
                                            ? std::string(words[i])
                                            : join_path(parent_of(path), words[i]);
            if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
                for (std::size_t n = 0; n < found.gl_pathc; ++n)
                    read_ld_conf(found.gl_pathv[n], depth + 1, directories);
            globfree(&found);
        }
    }
}

std::vector<std::string> system_directories(std::string_view interpreter) {
    std::vector<std::string> directories;
    if (base_name(interpreter).starts_with("ld-musl-")) {
        directories.assign(std::begin(kMuslStandard), std::end(kMuslStandard));
        return directories;
    }
    read_ld_conf("/etc/ld.so.conf", 0, directories);
    directories.insert(directories.end(), std::begin(kStandard), std::end(kStandard));
    return directories;
}

std::string replace_origin(std::string path, std::string_view host_path) {
    const std::string_view origin = parent_of(host_path);
    for (const std::string_view name : {"${ORIGIN}", "$ORIGIN"}) {
        for (std::size_t at = path.find(name); at != std::string::npos; at = path.find(name))
            path.replace(at, name.size(), origin);
    }
    return path;
}

// One program with what it loads.
class Loader {
  public:
    Loader(Archive& archive, Problems& problems, std::string program, std::uint16_t machine,
           std::string_view interpreter)
        : archive_(archive),
          problems_(problems),
          program_(std::move(program)),
          machine_(machine),
          directories_(system_directories(interpreter)) {
        // glibc's libraries name their interpreter as a library too; it is the one that runs
        // already.
        names_.emplace(base_name(interpreter));
    }

    // `rpath` is what the loading program hands down (DT_RPATH does, DT_RUNPATH does not).
    void load_needed(const ElfProgram& elf, const std::string& host_path,
                     const std::vector<std::string>& inherited) {
        std::vector<std::string> handed_down = inherited;
        std::vector<std::string> search;
        if (elf.runpath.empty()) {
            for (const std::string& path : elf.rpath)
                handed_down.insert(handed_down.begin(), replace_origin(path, host_path));
            search = handed_down;
        } else {
            for (const std::string& path : elf.runpath)
                search.push_back(replace_origin(path, host_path));
        }
        search.insert(search.end(), directories_.begin(), directories_.end());
        for (const std::string& name : elf.needed) load(name, host_path, search, handed_down);
    }

    // The file at an absolute path of the host, at the same path of the image.
    void add_file(const std::string& path, const std::vector<std::string>& handed_down) {
        if (!seen_.insert(path).second) return;
        Result<std::string> real = real_path(path);
        Result<std::string> content = real ? read_file(*real) : std::move(real);
        if (!content) return problems_.error(content.error());
        const Result<ElfProgram> elf = parse_elf_program(*content);
        // Under the name that ld.so asks for; a tree that brings its own library there keeps it.
        if (archive_.resolve(path).empty()) {
            Result<> added = archive_.add(make_file(path, 0755, std::move(*content), path));
            if (!added) return problems_.error(added.error());
        }
        if (elf) load_needed(*elf, path, handed_down);
    }

  private:
    void load(const std::string& name, const std::string& wanted_by,
              const std::vector<std::string>& search, const std::vector<std::string>& handed_down) {
        if (!names_.insert(name).second) return;
        if (name.find('/') != std::string::npos) return add_file(name, handed_down);
        for (const std::string& directory : search) {
            const std::string path = join_path(directory, name);
            if (fits(path)) return add_file(path, handed_down);
        }
        problems_.error("program " + program_ + ": library '" + name + "' is not on this machine" +
                        (wanted_by == program_ ? "" : " (wanted by " + wanted_by + ")"));
    }

    // A library of another architecture does not count, as ld.so passes it by.
    [[nodiscard]] bool fits(const std::string& path) const {
        if (!exists(path)) return false;
        const Result<std::string> content = read_file(path);
        if (!content) return false;
        const Result<ElfProgram> elf = parse_elf_program(*content);
        return elf && elf->machine == machine_;
    }

    Archive& archive_;
    Problems& problems_;
    std::string program_;
    std::uint16_t machine_;
    std::vector<std::string> directories_;
    std::set<std::string> seen_, names_;
};

}  // namespace

void add_libraries(const std::string& host_path, const std::string& image_path,
                   std::string_view content, Archive& archive, Problems& problems) {
    if (!is_elf(content)) return;
    const Result<ElfProgram> elf = parse_elf_program(content);
    if (!elf) {
        problems.error(Error(elf.error()).with_object(host_path));
        return;
    }
    if (elf->type == ET_REL || (elf->interpreter.empty() && elf->needed.empty())) return;
    Loader loader(archive, problems, "/" + image_path, elf->machine, elf->interpreter);
    if (!elf->interpreter.empty()) loader.add_file(elf->interpreter, {});
    loader.load_needed(*elf, host_path, {});
}

}  // namespace prologue::images
