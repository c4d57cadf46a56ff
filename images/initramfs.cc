// SPDX-License-Identifier: MIT
#include "images/initramfs.h"

#include <algorithm>

#include "images/absent_modules.h"
#include "images/closure.h"
#include "images/cpio_writer.h"
#include "images/early_modules.h"
#include "images/host.h"
#include "images/host_config.h"
#include "images/image_modules.h"
#include "images/image_rules.h"
#include "images/listing.h"
#include "images/luks_header.h"
#include "images/machine/host_image.h"
#include "images/needs.h"
#include "images/plan_modules.h"
#include "images/tree_parts.h"
#include "images/tree_reader.h"
#include "stages/coldplug.h"

namespace prologue::images {
namespace {

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

// The tree that the init counts on. What the base has already stays as it is.
void add_skeleton(const ImageRequest& request, Archive& archive, Problems& problems) {
    add_mount_points(archive, problems);
    if (request.locked) {
        add_entry(archive, problems, make_file(std::string(kLockedMarker), 0444, ""));
    } else if (!archive.contains("rescue")) {
        add_entry(archive, problems, make_symlink("rescue", "init"));
    }
}

bool needs_kernel(const std::vector<ModuleWish>& wishes) {
    return std::any_of(wishes.begin(), wishes.end(), [](const ModuleWish& wish) {
        return !wish.filesystem || !is_core_filesystem(wish.name);
    });
}

// The machine of `--for host`; nothing for a board, or where it cannot be read.
std::optional<Machine> machine_of(const ImageRequest& request, Problems& problems) {
    if (request.board != kHostBoard) return {};
    Result<Machine> machine = read_machine(Sysroot(request.sysroot));
    if (machine) return std::move(*machine);
    problems.error(machine.error());
    return {};
}

// Without a header the table of needs has the ciphers that most disks have.
void add_ciphers(const std::vector<std::string>& headers, Closure& closure, Problems& problems) {
    if (headers.empty()) return;
    std::vector<std::string> wanted;
    for (const std::string& header : headers) {
        const Result<std::vector<std::string>> ciphers = ciphers_of_header(header);
        if (!ciphers) {
            problems.error(ciphers.error());
            continue;
        }
        for (const std::string& cipher : *ciphers) {
            for (std::string& alias : aliases_of_cipher(cipher)) wanted.push_back(std::move(alias));
        }
    }
    closure.replace_needs("dm_crypt", std::move(wanted));
}

std::vector<std::string> luks_headers(const ImageRequest& request, const Machine* machine) {
    std::vector<std::string> headers = request.luks_headers;
    if (machine != nullptr)
        for (const std::string& header : machine->luks_headers())
            headers.push_back(Sysroot(request.sysroot).at(header));
    return headers;
}

// Whose drivers the image gets beside what its config names; empty for none.
std::string board_of(const ImageRequest& request, const HostConfig* config,
                     const Machine* machine) {
    if (machine != nullptr) return {};  // its own drivers are known
    if (!request.board.empty() || config == nullptr) return request.board;
    const std::string& board = config->plan.settings.board;
    // Coldplug loads what the image carries, so the image must carry something.
    return board.empty() && wants_coldplug(config->plan) ? "generic" : board;
}

Result<ModuleTree> open_modules(const ImageRequest& request) {
    return ModuleTree::open(TRY(find_module_directory(request.kernel_version, request.modules)));
}

// True when the kernel may ask for one of them before there is a PID 1.
bool add_modules(const ImageRequest& request, const HostConfig* config, const Machine* machine,
                 Archive& archive, Problems& problems) {
    if (request.modules == "none") return false;  // everything is built in, by the user's word
    std::vector<ModuleWish> wishes;
    if (config != nullptr) wishes = module_wishes(config->plan);
    const std::string board = board_of(request, config, machine);
    if (!needs_kernel(wishes) && board.empty() && machine == nullptr) return false;
    const Result<ModuleTree> tree = open_modules(request);
    if (!tree) {
        problems.error(tree.error());
        return false;
    }
    Closure closure(*tree);
    add_ciphers(luks_headers(request, machine), closure, problems);
    config::Diagnostics diagnostics;
    add_wishes(wishes, *tree, closure, diagnostics);
    if (machine != nullptr)
        for (const std::string& missing : add_machine_drivers(*machine, *tree, closure))
            // Its own config has said so at its lines.
            if (!request.config.empty()) problems.warning(missing);
    const bool has_watchdog =
        config != nullptr && config->plan.settings.watchdog.timeout != Duration(0);
    if (!board.empty()) add_board(board, has_watchdog, closure, problems);
    if (config != nullptr) {
        add_root_filesystems(config->plan, closure);
        warn_of_no_filesystem(config->plan, *tree, closure, diagnostics);
    }
    problems.add(diagnostics);
    add_module_files(*tree, closure, request.signatures, archive, problems);
    if (config != nullptr && wants_coldplug(config->plan))
        add_entry(archive, problems,
                  make_file("lib/modules/" + tree->version() + "/" + kAbsentModules.str(), 0644,
                            absent_modules(*tree, closure)));
    return may_be_wanted_early(*tree, closure);
}

std::size_t count_files_of_modules(const Archive& archive) {
    const std::vector<const Entry*> entries = archive.in_order();
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [](const Entry* entry) {
            return entry->kind == EntryKind::kFile && !kernel_of_path(entry->path).empty();
        }));
}

// The link by which the kernel asks for modules (CONFIG_MODPROBE_PATH). The init makes it as well; in the
// archive it is there from the first request on, and each of them starts the program, also in vain.
void add_link_for_kernel(Archive& archive, Problems& problems) {
    if (!archive.contains("sbin/modprobe"))
        add_entry(archive, problems, make_symlink("sbin/modprobe", "/init"));
}

void check_modules_of_plan(const HostConfig& config, const Archive& archive, Problems& problems) {
    config::Diagnostics diagnostics;
    check_plan_modules(config.plan, archive, diagnostics);
    warn_of_no_modules(config.plan, archive, diagnostics);
    problems.add(diagnostics);
}

// Nothing brings a config, and the init looks for one.
bool lacks_config(const ImageRequest& request, const Archive& archive) {
    const std::string place = ":/" + std::string(kConfigPath);
    return request.config.empty() && has_our_init(archive) &&
           !archive.contains(std::string(kConfigPath)) &&
           std::none_of(request.added.begin(), request.added.end(),
                        [&](const std::string& pair) { return pair.ends_with(place); });
}

HostConfig add_config_of(const Machine& machine, const ImageRequest& request, Archive& archive,
                         Problems& problems) {
    HostPlanOptions options;
    options.locked = request.locked;
    HostConfig config = plan_machine(machine, options, problems);
    add_entry(archive, problems,
              make_file(std::string(kConfigPath), 0600, config.source->text, ""));
    add_machine_files(Sysroot(request.sysroot), machine, archive, problems);
    return config;
}

// The config that the image will run by, which may be the init's own.
std::optional<HostConfig> choose_config(const ImageRequest& request, const Machine* machine,
                                        Archive& archive, Problems& problems) {
    if (!request.config.empty())
        return add_config(request.config, request.locked, archive, problems);
    if (!lacks_config(request, archive)) return {};
    if (machine != nullptr) return add_config_of(*machine, request, archive, problems);
    if (request.locked || request.board == kHostBoard) return {};
    problems.note("no CONF: the image obeys root= and its kin on the kernel command line",
                  "'prologue plan' shows the config that is built in");
    return plan_default({});
}

}  // namespace

Archive build_tree(const ImageRequest& request, Problems& problems) {
    Archive archive;
    read_base(request.from, archive, problems);
    // A base with an init of its own and no config is a whole image: it is only translated.
    const bool own_init = !archive.contains("init") || !request.config.empty();
    if (own_init) {
        if (!archive.contains("init") || !request.init.empty())
            add_init(request.init, "/init", archive, problems);
        add_skeleton(request, archive, problems);
    } else if (is_directory(request.from)) {
        // Only root can make the node that the kernel wants as the first console of /init.
        if (!archive.contains("dev/console"))
            add_entry(archive, problems,
                      make_node("dev/console", EntryKind::kCharacter, 0600, 5, 1));
    }
    const std::optional<Machine> machine = machine_of(request, problems);
    const Machine* host = machine ? &*machine : nullptr;
    std::optional<HostConfig> config;
    if (own_init) config = choose_config(request, host, archive, problems);
    bool wants_early = false;
    // What a machine that cannot be read needs is not known.
    if (host != nullptr || request.board != kHostBoard)
        wants_early = add_modules(request, config ? &*config : nullptr, host, archive, problems);
    const std::size_t known_modules = count_files_of_modules(archive);
    add_extras(request.added, archive, problems);
    // What others bring is not looked into, be it modules or an init, which may be an older one.
    const bool is_ours = request.from.empty() && request.init.empty() &&
                         count_files_of_modules(archive) == known_modules;
    if (own_init && (wants_early || !is_ours)) add_link_for_kernel(archive, problems);
    archive.finish(problems);
    check_init(archive, problems);
    check_symlinks(archive, problems);
    if (request.locked) {
        if (own_init && request.config.empty()) check_config_there(archive, problems);
        check_locked(archive, problems);
    }
    if (config) check_files_of_plan(*config, archive, problems);
    // What the kernel's own list lacks is reported already.
    if (config && !problems.has_errors()) check_modules_of_plan(*config, archive, problems);
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
