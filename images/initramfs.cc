// SPDX-License-Identifier: MIT
#include "images/initramfs.h"

#include <algorithm>

#include "images/closure.h"
#include "images/cpio_writer.h"
#include "images/host.h"
#include "images/host_config.h"
#include "images/image_rules.h"
#include "images/listing.h"
#include "images/module_files.h"
#include "images/needs.h"
#include "images/plan_modules.h"
#include "images/tree_reader.h"

namespace prologue::images {
namespace {

constexpr std::string_view kMountPoints[] = {"dev", "proc", "run", "sys"};

void add(Archive& archive, Problems& problems, Entry entry) {
    Result<> added = archive.add(std::move(entry));
    if (!added) problems.error(added.error());
}

// What --from says; a list's mistakes have their own form.
void read_base(const std::string& from, Archive& archive, Problems& problems) {
    if (from.empty()) return;
    if (is_directory(from)) {
        Result<std::string> absolute = real_path(from);
        if (absolute) return add_tree(*absolute, "", archive, problems);
        return problems.error(absolute.error());
    }
    Result<std::string> text = read_file(from);
    if (!text) return problems.error(text.error());
    const config::Source source{from, std::move(*text)};
    config::Diagnostics diagnostics;
    read_listing(source, archive, diagnostics);
    problems.add(diagnostics);
}

void add_init(const ImageRequest& request, Archive& archive, Problems& problems) {
    std::string path = request.init;
    if (path.empty()) {
        const Result<std::string> folder = executable_directory();
        if (!folder) return problems.error(folder.error());
        path = join_path(*folder, "prologue-init");
        // Installed, it is no command of the host's and lies apart.
        const std::string installed = join_path(*folder, "../libexec/prologue/prologue-init");
        if (!exists(path) && exists(installed)) path = installed;
    }
    Result<struct stat> info = stat_path(path);
    if (!info)
        return problems.error(std::move(info).error().with_hint(
            "this becomes /init; '--init FILE' names it when it lies elsewhere"));
    if (!S_ISREG(info->st_mode)) return problems.error(path + " is no file, so it cannot be /init");
    if ((info->st_mode & 0111) == 0)
        return problems.error(path + " is not executable, so it cannot be /init", "'chmod +x' it");
    Archive alone;
    add_with_libraries(path, "/init", alone, problems);
    for (const Entry* entry : alone.in_order()) {
        Entry copy = *entry;
        // Independent of the builder's umask.
        if (copy.path == "init") copy.mode = 0755;
        add(archive, problems, std::move(copy));
    }
}

// The tree that the init counts on. What the base has already stays as it is.
void add_skeleton(const ImageRequest& request, Archive& archive, Problems& problems) {
    for (const std::string_view directory : kMountPoints)
        if (!archive.contains(directory)) {
            Entry entry = make_directory_entry(std::string(directory));
            entry.implied = true;
            add(archive, problems, std::move(entry));
        }
    if (!archive.contains("dev/console"))
        add(archive, problems, make_node("dev/console", EntryKind::kCharacter, 0600, 5, 1));
    if (!archive.contains("dev/null"))
        add(archive, problems, make_node("dev/null", EntryKind::kCharacter, 0666, 1, 3));
    // The kernel asks for modules through this path (CONFIG_MODPROBE_PATH).
    if (!archive.contains("sbin/modprobe"))
        add(archive, problems, make_symlink("sbin/modprobe", "/init"));
    if (request.locked) {
        add(archive, problems, make_file(std::string(kLockedMarker), 0444, ""));
    } else if (!archive.contains("rescue")) {
        add(archive, problems, make_symlink("rescue", "init"));
    }
}

bool needs_kernel(const std::vector<ModuleWish>& wishes) {
    return std::any_of(wishes.begin(), wishes.end(), [](const ModuleWish& wish) {
        return !wish.filesystem || !is_core_filesystem(wish.name);
    });
}

void add_modules(const ImageRequest& request, const HostConfig* config, Archive& archive,
                 Problems& problems) {
    if (request.modules == "none") return;  // everything is built in, by the user's word
    std::vector<ModuleWish> wishes;
    if (config != nullptr) wishes = module_wishes(config->plan);
    std::string board = request.board;
    if (board.empty() && config != nullptr) {
        board = config->plan.settings.board;
        // Coldplug loads what the image carries, so the image must carry something.
        if (board.empty() && wants_coldplug(config->plan)) board = "generic";
    }
    if (!needs_kernel(wishes) && board.empty()) return;
    const Result<std::string> directory =
        find_module_directory(request.kernel_version, request.modules);
    if (!directory) return problems.error(directory.error());
    const Result<ModuleTree> tree = ModuleTree::open(*directory);
    if (!tree) return problems.error(tree.error());
    Closure closure(*tree);
    config::Diagnostics diagnostics;
    add_wishes(wishes, *tree, closure, diagnostics);
    problems.add(diagnostics);
    if (!board.empty()) add_board(board, closure, problems);
    add_module_files(*tree, closure, archive, problems);
}

void add_extras(const ImageRequest& request, Archive& archive, Problems& problems) {
    for (const std::string& pair : request.added) {
        const std::size_t colon = pair.rfind(':');
        const std::string source = pair.substr(0, colon);
        // Without a destination the file keeps its place.
        const std::string destination = colon == std::string::npos ? pair : pair.substr(colon + 1);
        if (!source.empty() && destination.starts_with('/')) {
            add_with_libraries(source, destination, archive, problems);
            continue;
        }
        problems.error("'--add " + pair + "': the destination is no absolute path",
                       "'--add SRC:DEST', for instance '--add ./fsck:/sbin/fsck'");
    }
}

void check_files_of_plan(const HostConfig& config, const Archive& archive, Problems& problems) {
    config::Diagnostics diagnostics;
    check_plan_files(config.plan, archive, diagnostics);
    problems.add(diagnostics);
}

}  // namespace

Archive build_tree(const ImageRequest& request, Problems& problems) {
    Archive archive;
    read_base(request.from, archive, problems);
    // A base with an init of its own and no config is a whole image: it is only translated.
    const bool own_init = !archive.contains("init") || !request.config.empty();
    if (own_init) {
        if (!archive.contains("init") || !request.init.empty())
            add_init(request, archive, problems);
        add_skeleton(request, archive, problems);
    } else if (is_directory(request.from)) {
        // Only root can make the node that the kernel wants as the first console of /init.
        if (!archive.contains("dev/console"))
            add(archive, problems, make_node("dev/console", EntryKind::kCharacter, 0600, 5, 1));
    }
    std::optional<HostConfig> config;
    if (!request.config.empty()) {
        HostPlanOptions options;
        options.locked = request.locked;
        Result<HostConfig> read = plan_file(request.config, options);
        if (read) {
            config = std::move(*read);
            problems.add(config->plan.diagnostics);
            add(archive, problems,
                make_file(std::string(kConfigPath), 0600, config->source->text,
                          real_path(request.config).value_or("")));
        } else {
            problems.error(read.error());
        }
    }
    add_modules(request, config ? &*config : nullptr, archive, problems);
    add_extras(request, archive, problems);
    archive.finish(problems);
    check_init(archive, problems);
    check_symlinks(archive, problems);
    if (request.locked) check_locked(archive, problems);
    if (config) check_files_of_plan(*config, archive, problems);
    return archive;
}

namespace {

constexpr std::string_view kMicrocodeFolder = "kernel/x86/microcode/";

// The container of each vendor by its first bytes. Sources:
// arch/x86/kernel/cpu/microcode/{intel,amd}.c.
std::string_view vendor_file(std::string_view data) {
    using namespace std::string_view_literals;
    if (data.starts_with("DMA\0"sv)) return "AuthenticAMD.bin";
    const bool is_intel = data.size() >= 48 && data.starts_with("\1\0\0\0"sv) &&
                          data.substr(20, 4) == "\1\0\0\0"sv;  // header and loader version 1
    return is_intel ? "GenuineIntel.bin" : "";
}

}  // namespace

Result<std::string> microcode_archive(const std::string& file) {
    std::string data = TRY(read_file(file));
    if (data.starts_with("070701") || data.starts_with("070702")) {
        if (data.find(kMicrocodeFolder) == std::string::npos)
            return fail(Error::refused("read", file, "a cpio without kernel/x86/microcode/"));
        data.append((4 - data.size() % 4) % 4, '\0');
        return data;
    }
    const std::string_view name = vendor_file(data);
    if (name.empty())
        return fail(Error::refused(
            "read", file, "neither an uncompressed cpio nor a microcode update of Intel or AMD"));
    Archive archive;
    Problems problems;
    TRY_VOID(
        archive.add(make_file(std::string(kMicrocodeFolder).append(name), 0644, std::move(data))));
    archive.finish(problems);
    return write_cpio(archive);
}

}  // namespace prologue::images
