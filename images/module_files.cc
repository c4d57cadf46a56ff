// SPDX-License-Identifier: MIT
#include "images/module_files.h"

#include <set>

#include <glob.h>

#include "images/compress.h"
#include "images/host.h"
#include "images/modinfo.h"
#include "images/module_signature.h"

namespace prologue::images {
namespace {

constexpr std::size_t kMaxFirmwareBytes = std::size_t{256} * 1024 * 1024;
constexpr std::string_view kFirmwareEndings[] = {"", ".zst", ".xz"};

struct Firmware {
    std::set<std::string> wanted;  // below a firmware directory; may hold wildcards
    std::vector<std::string> missing;
};

// What is learnt from the modules while they are added.
struct Seen {
    Firmware firmware;
    std::vector<std::string> unsigned_modules;  // in the image
};

void add(Archive& archive, Problems& problems, Entry entry) {
    Result<> added = archive.add(std::move(entry));
    if (!added) problems.error(added.error());
}

// The version that a module was built for is the first word of its vermagic.
void check_version(const ModuleTree& tree, const Module& module, const ModuleInfo& info,
                   Problems& problems) {
    const std::string built_for = info.vermagic.substr(0, info.vermagic.find(' '));
    if (built_for.empty() || built_for == tree.version()) return;
    problems.error("module " + join_path(tree.directory(), module.path) + " is built for kernel " +
                       built_for + ", not for " + tree.version(),
                   "the kernel would refuse it with 'disagrees about version magic'");
}

void add_module(const ModuleTree& tree, const Module& module, Signatures signatures,
                Archive& archive, Seen& seen, Problems& problems) {
    const std::string path = join_path(tree.directory(), module.path);
    Result<std::string> packed = read_file(path);
    if (!packed) return problems.error(packed.error());
    bool as_on_disk = !detect_compression(*packed);
    Result<std::string> plain = unpack_module(std::move(*packed));
    if (!plain) return problems.error(std::move(plain).error().with_object(path));
    const Result<std::string_view> bare = without_signature(*plain);
    if (!bare) return problems.error(Error(bare.error()).with_object(path));
    const bool is_signed = bare->size() < plain->size();
    if (is_signed && signatures == Signatures::kDrop) {
        plain->resize(bare->size());
        as_on_disk = false;
    }
    if (!is_signed || signatures == Signatures::kDrop) seen.unsigned_modules.push_back(module.name);
    const Result<ModuleInfo> info = parse_modinfo(*plain);
    if (!info) return problems.error(Error(info.error()).with_object(path));
    check_version(tree, module, *info, problems);
    seen.firmware.wanted.insert(info->firmware.begin(), info->firmware.end());
    const std::string inside =
        "lib/modules/" + tree.version() + "/" + std::string(uncompressed_path(module.path));
    add(archive, problems, make_file(inside, 0644, std::move(*plain), as_on_disk ? path : ""));
}

// False when no directory has it.
bool add_firmware_file(const std::vector<std::string>& directories, const std::string& name,
                       Archive& archive, Problems& problems) {
    for (const std::string& directory : directories) {
        for (const std::string_view ending : kFirmwareEndings) {
            const std::string path = join_path(directory, name).append(ending);
            if (!exists(path)) continue;
            Result<std::string> content = read_file(path);
            if (!content) {
                problems.error(content.error());
                return true;
            }
            const auto compression = ending.empty() ? std::nullopt : detect_compression(*content);
            if (compression) {
                Decoded decoded = decompress(*compression, *content, kMaxFirmwareBytes);
                if (!decoded.problem.empty())
                    problems.error("firmware " + path + ": " + decoded.problem);
                *content = std::move(decoded.data);
            }
            add(archive, problems,
                make_file("lib/firmware/" + name, 0644, std::move(*content),
                          compression ? "" : path));
            return true;
        }
    }
    return false;
}

// Some drivers name families of files ("brcm/brcmfmac*-pcie.*.bin").
std::vector<std::string> expand_firmware(const std::vector<std::string>& directories,
                                         const std::string& pattern) {
    if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
    std::set<std::string> names;
    for (const std::string& directory : directories) {
        glob_t found = {};
        if (glob(join_path(directory, pattern).c_str(), 0, nullptr, &found) == 0)
            for (std::size_t i = 0; i < found.gl_pathc; ++i) {
                std::string_view name = found.gl_pathv[i];
                name.remove_prefix(std::min(name.size(), directory.size() + 1));
                for (const std::string_view ending : {".zst", ".xz"})
                    if (name.ends_with(ending)) name.remove_suffix(ending.size());
                names.emplace(name);
            }
        globfree(&found);
    }
    return {names.begin(), names.end()};
}

void add_firmware(const ModuleTree& tree, Firmware& firmware, Archive& archive,
                  Problems& problems) {
    const std::vector<std::string> directories = tree.firmware_directories();
    for (const std::string& wanted : firmware.wanted) {
        if (!normalise_path(wanted)) continue;  // ".." in a module's text: not a file of ours
        for (const std::string& name : expand_firmware(directories, wanted))
            if (!add_firmware_file(directories, name, archive, problems))
                firmware.missing.push_back(name);
    }
    if (firmware.missing.empty()) return;
    problems.warning("firmware that the modules may ask for is not below " + directories.back() +
                     ": " + some_of(firmware.missing));
}

}  // namespace

void add_module_files(const ModuleTree& tree, const Closure& closure, Signatures signatures,
                      Archive& archive, Problems& problems) {
    Seen seen;
    for (const Module* module : closure.load_order())
        add_module(tree, *module, signatures, archive, seen, problems);
    check_unsigned(tree.version(), signature_rule(tree.directory()), seen.unsigned_modules,
                   problems);
    for (const std::string& line : closure.unmet()) problems.warning(line);
    for (IndexFile& file : make_module_indexes(tree, closure))
        add(archive, problems,
            make_file("lib/modules/" + tree.version() + "/" + file.name, 0644,
                      std::move(file.content)));
    add_firmware(tree, seen.firmware, archive, problems);
}

}  // namespace prologue::images
