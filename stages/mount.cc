// SPDX-License-Identifier: MIT
// stages/mount.cc: mounts one filesystem.   Source: mount(2), mount(8), libmount.
#include "init/base/compose.h"
#include "stages/crypttab.h"
#include "stages/fstab.h"
#include "stages/mount_failure.h"
#include "stages/mount_line.h"
#include "stages/stages.h"

#include <algorithm>
#include <cerrno>

#include "init/base/mountinfo.h"
#include "init/base/path.h"
#include "init/base/split.h"

namespace prologue {

using namespace mount_line;

namespace {

// What systemd, dracut and initramfs-tools put on the API filesystems; a later word of the user's
// own options (exec, dev, suid) takes it back.
struct ApiDefaults {
    Literal type, options;
};
constexpr ApiDefaults kApiDefaults[] = {
    {"proc", "nosuid,nodev,noexec"},
    {"sysfs", "nosuid,nodev,noexec"},
    {"devtmpfs", "nosuid"},
    {"devpts", "nosuid,noexec"},
    {"cgroup2", "nosuid,nodev,noexec"},
    {"securityfs", "nosuid,nodev,noexec"},
    {"debugfs", "nosuid,nodev,noexec"},
    {"tracefs", "nosuid,nodev,noexec"},
    {"efivarfs", "nosuid,nodev,noexec"},
    {"configfs", "nosuid,nodev,noexec"},
    {"pstore", "nosuid,nodev,noexec"},
    {"bpf", "nosuid,nodev,noexec"},
    {"mqueue", "nosuid,nodev,noexec"},
};

std::string joined(std::string_view a, std::string_view b) {
    std::string list(a);
    if (!a.empty() && !b.empty()) list += ',';
    return list.append(b);
}

// What is to be mounted, by a line's words or by the new root's fstab.
struct MountWords {
    std::string what, target;
    std::string type;  // empty = to be found out
    std::string options;
    bool obeys_crypttab = false;
};

// Everything that is decided before the mount call.
struct MountPlan {
    MountRequest request;
    std::string shown_source;  // for messages: "/dev/vda", "tmpfs"
    bool on_device = false;
    dev_t number = 0;  // of the block device; 0 = none
};

// The word that the command line, then the file says about writing; empty when neither says one.
// The command line wins, its last word counts.
std::string_view read_write_word(const config::CommandLine& command_line, bool is_root) {
    std::string_view word;
    if (!is_root) return word;
    for (const config::Parameter& parameter : command_line.parameters()) {
        if ((parameter.name == "ro" || parameter.name == "rw") && !parameter.value) {
            word = parameter.name;
        }
    }
    return word;
}

// Takes "kernel" out of the list and puts rootflags= in its place.
std::string expand_kernel_word(std::string_view options, const config::CommandLine& command_line) {
    std::string result;
    while (!options.empty()) {
        const std::string_view option = take_part(options, ',');
        if (option == "kernel") {
            const config::Parameter* flags = command_line.last("rootflags");
            if (flags != nullptr && flags->value) result = joined(result, *flags->value);
        } else {
            result = joined(result, option);
        }
    }
    return result;
}

// A filesystem below switch_root's directory is read-only unless somebody says `rw`, as the kernel's
// own root mount is.
std::string effective_options(const MountWords& words, const MountPlan& plan,
                              const StageContext& context) {
    const config::CommandLine& command_line = context.values.built_in_words;
    std::string options = expand_kernel_word(words.options, command_line);
    const std::string& target = plan.request.target;
    const bool is_root = !context.new_root.empty() && target == context.new_root;
    const bool below_root = !context.new_root.empty() && path_is_below(target, context.new_root);
    if (below_root && plan.on_device && !has_mount_option(options, "rw") &&
        !has_mount_option(options, "ro")) {
        options = joined("ro", options);
    }
    for (const ApiDefaults& defaults : kApiDefaults) {
        if (plan.request.type == defaults.type) options = joined(defaults.options, options);
    }
    return joined(options, read_write_word(command_line, is_root));
}

// What rootfstype= means for a device: the probed type where the list has it or leaves it open, else the
// list's first. ramfs and tmpfs in it speak of rootfs itself. Empty without the word.
std::string kernel_type(const config::CommandLine& command_line, const std::string& probed) {
    const config::Parameter* word = command_line.last("rootfstype");
    std::string_view list = word != nullptr && word->value ? *word->value : std::string_view();
    std::string_view first;
    while (!list.empty()) {
        const std::string_view type = take_part(list, ',');
        if (type == probed || type == kOpenType.view()) return probed;
        if (first.empty() && type != "ramfs" && type != "tmpfs") first = type;
    }
    return std::string(first);
}

Result<> choose_device_source(const MountWords& words, StageContext& context, MountPlan& plan) {
    const bool is_list = words.type.find(',') != std::string::npos;
    const Device device = TRY(resolve_device(words.what, context, words.type.empty() || is_list));
    plan.on_device = true;
    plan.request.source = device.path;
    plan.number = device.number;
    // Of a list the one that is there, so that all that hangs on a type is done for it.
    const bool is_there = is_list && has_mount_option(words.type, device.fstype);
    plan.request.type = is_there ? device.fstype : words.type;
    if (words.type.empty() && has_mount_option(words.options, "kernel")) {
        plan.request.type = kernel_type(context.values.built_in_words, device.fstype);
    }
    if (plan.request.type.empty()) plan.request.type = device.fstype;
    if (plan.request.type.empty()) {
        return fail(Error::not_found("mount", device.path, "no filesystem was found on it")
                        .with_hint("format it, name another device, or say type="));
    }
    if (plan.request.type == mount_failure::kLuksType.view()) {
        return fail(Error::refused("mount", device.path, "is an encrypted LUKS container")
                        .with_hint(mount_failure::kLuksHint));
    }
    return {};
}

Result<> choose_source(const MountWords& words, StageContext& context, MountPlan& plan) {
    plan.request.source = plan.shown_source = words.what;
    plan.request.type = words.type;
    if (is_deviceless_type(words.what)) {
        if (words.type.empty()) plan.request.type = words.what;
        return {};
    }
    plan.on_device = takes_verbatim_source(words.type);
    if (plan.on_device || is_deviceless_type(words.type)) return {};
    if (is_bind(words.options)) {
        plan.request.type = "none";
        return {};
    }
    TRY_VOID(choose_device_source(words, context, plan));
    plan.shown_source = plan.request.source;
    return {};
}

// A line of /proc/filesystems is "nodev\tproc" or "\text4".
bool kernel_knows(std::string_view type, Sys& sys) {
    const Result<std::string> list = sys.read_file("/proc/filesystems", 64 * 1024);
    return list && list->find(compose("\t{}\n", std::string(type))) != std::string::npos;
}

Error explain(Error error, const MountPlan& plan, StageContext& context) {
    error->object = compose("{} on {}", plan.shown_source, plan.request.target);
    error->hint = mount_failure::hint(error->errnum, plan.request, plan.number, context);
    return error;
}

// Filesystems that cannot be written to, so that their mount options need not say `ro`.
constexpr Literal kReadOnlyTypes[] = {"squashfs", "erofs", "iso9660", "cramfs", "romfs"};

// The kernel mounts a btrfs only when it knows all of its devices.
Result<> name_members(MountPlan& plan, StageContext& context) {
    MountRequest& request = plan.request;
    if (request.type != "btrfs" || plan.number == 0) return {};
    const bool wait = !has_mount_option(request.options, "degraded");
    const std::vector<std::string> members =
        TRY(context.devices.btrfs_members(request.source, context.deadline, wait));
    for (const std::string& path : members) {
        request.options = joined(request.options, "device=" + path);
    }
    return {};
}

// Filesystems that replay their journal even for a read-only mount, and the words that forbid it.
constexpr Literal kJournaled[] = {"ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "bcachefs"};
constexpr Literal kNoReplay[] = {"noload", "norecovery", "nologreplay"};

bool has_type(std::span<const Literal> types, const MountRequest& request) {
    return std::find(types.begin(), types.end(), request.type) != types.end();
}

bool writes(const MountRequest& request) {
    if (access_word(request.options) != "ro") return !has_type(kReadOnlyTypes, request);
    const bool is_untouched =
        std::any_of(std::begin(kNoReplay), std::end(kNoReplay),
                    [&](Literal word) { return has_mount_option(request.options, word); });
    return has_type(kJournaled, request) && !is_untouched;
}

// What a hibernated system has in memory knows nothing of what is written to its filesystems in the
// meantime, and ruins them when it is resumed. To resume it is the kernel's business (resume=).
Result<> guard_hibernation(const MountPlan& plan, StageContext& context) {
    if (plan.number == 0 || !writes(plan.request)) return {};
    if (context.values.built_in_words.last("noresume") != nullptr) return {};
    const std::vector<std::string> images = TRY(context.devices.hibernated_beside(plan.number));
    if (images.empty()) return {};
    return fail(
        Error::refused(
            "mount", compose("{} on {}", plan.shown_source, plan.request.target),
            compose("a system is hibernated in {}, on the same disk, and writing would ruin it",
                    images.front()))
            .with_hint("resume that system and shut it down; or mount with "
                       "options=ro,noload (xfs: ro,norecovery), since ro alone replays the "
                       "journal; or give it up with 'noresume' on the kernel command line"));
}

// devtmpfs, proc and sysfs are single: PID 1 has them mounted before it reads any config. The line
// then only states its options.
bool already_there(const MountPlan& plan, Sys& sys) {
    if (plan.on_device) return false;
    const Result<std::vector<MountEntry>> mounts = read_mounts(sys);
    if (!mounts) return false;
    const MountEntry* present = mount_at(*mounts, plan.request.target);
    const std::string& type = plan.request.type;
    return present != nullptr && present->type == type &&
           (type == "devtmpfs" || type == "proc" || type == "sysfs");
}

// The block device that is mounted there; 0 when there is none. By the mount's source: to stat(2) a
// btrfs has a number of its own.
Result<dev_t> number_of_mounted(const std::string& target, Sys& sys) {
    const std::vector<MountEntry> mounts = TRY(read_mounts(sys));
    const MountEntry* mount = mount_at(mounts, target);
    if (mount == nullptr || !path_is_below(mount->source, "/dev")) return dev_t{0};
    const Result<FileInfo> node = sys.stat(mount->source);
    return node && node->type == FileType::kBlock ? node->node : dev_t{0};
}

Result<StageOutcome> run_remount(const Arguments& arguments, StageContext& context) {
    MountPlan plan;
    plan.request.target = arguments.text(kSource);
    plan.request.source = "none";
    plan.request.type = "none";
    plan.request.options = arguments.text(kMountOptions);
    plan.shown_source = plan.request.target;
    if (access_word(plan.request.options) == "rw") {
        plan.number = TRY(number_of_mounted(plan.request.target, context.sys));
        TRY_VOID(guard_hibernation(plan, context));
    }
    const Result<> mounted = context.mounter.mount(plan.request);
    if (!mounted) return fail(explain(mounted.error(), plan, context));
    StageOutcome outcome;
    outcome.summary = compose("{} {}", plan.request.target, plan.request.options);
    return outcome;
}

// `rw` of the command line is a wish: where the device is write-protected, the kernel mounts its root
// read-only (do_mount_root()).
Result<bool> mount_as_can_be(const MountWords& words, MountPlan& plan, StageContext& context) {
    Result<> mounted = context.mounter.mount(plan.request);
    const int errnum = mounted ? 0 : mounted.error()->errnum;
    const bool is_wish =
        has_mount_option(words.options, "kernel") && access_word(plan.request.options) == "rw";
    if (is_wish && (errnum == EROFS || errnum == EACCES)) {
        plan.request.options = joined(plan.request.options, "ro");
        mounted = context.mounter.mount(plan.request);
        if (mounted) return true;
    }
    if (!mounted) return fail(explain(std::move(mounted).error(), plan, context));
    return false;
}

// What the mount's source is called cannot be changed later, so it is mounted again.
Result<> obey_crypttab(MountPlan& plan, StageContext& context, StageOutcome& outcome) {
    MountRequest& request = plan.request;
    const Result<> named = take_crypttab_name(request, plan.number, context);
    if (!named && named.error()->errnum != ENOENT)
        outcome.warnings.push_back(describe(named.error()));
    if (request.source == plan.shown_source) return {};
    plan.shown_source = request.source;
    outcome.device.emplace();
    outcome.device->path = request.source;
    outcome.device->number = plan.number;
    TRY_VOID(context.sys.unmount(request.target, 0));
    const Result<> mounted = context.mounter.mount(request);
    if (!mounted) return fail(explain(mounted.error(), plan, context));
    return {};
}

Result<StageOutcome> mount_words(const MountWords& words, StageContext& context) {
    MountPlan plan;
    plan.request.target = words.target;
    TRY_VOID(choose_source(words, context, plan));
    plan.request.options = effective_options(words, plan, context);
    TRY_VOID(guard_hibernation(plan, context));
    TRY_VOID(load_driver(plan.request.type, context));
    TRY_VOID(name_members(plan, context));
    TRY_VOID(make_dirs(plan.request.target, context.sys));
    if (already_there(plan, context.sys)) {
        plan.request.options = joined("remount", plan.request.options);
    }
    const bool fell_back = TRY(mount_as_can_be(words, plan, context));
    StageOutcome outcome;
    if (words.obeys_crypttab) TRY_VOID(obey_crypttab(plan, context, outcome));
    outcome.summary = plan.shown_source;
    if (plan.shown_source != plan.request.type)
        outcome.summary += compose(" ({})", plan.request.type);
    outcome.summary += " on " + plan.request.target;
    if (fell_back)
        outcome.warnings.push_back(plan.shown_source +
                                   " cannot be written: it is mounted read-only");
    return outcome;
}

StageOutcome nothing_to_mount(std::string why) {
    StageOutcome outcome;
    outcome.summary = std::move(why);
    outcome.skipped = true;
    return outcome;
}

// Empty = to be found out, also when it is only one of a list.
std::string given_type(std::string word) {
    return has_mount_option(word, kOpenType) ? std::string() : std::move(word);
}

// What the new root itself says of the directory, which the real init would find missing.
Result<StageOutcome> mount_from_fstab(const std::string& target, StageContext& context) {
    const std::string plain = plain_path(target);
    if (context.new_root.empty() || plain == context.new_root ||
        !path_is_below(plain, context.new_root)) {
        return fail(Error::refused("mount", target, "is not below the directory of switch_root"));
    }
    const std::string inside = plain.substr(context.new_root.size());
    const std::optional<FstabEntry> entry =
        TRY(read_fstab_entry(context.new_root, inside, context.sys));
    if (!entry) return nothing_to_mount(inside + " is not in the root's fstab");
    if (!entry->automatic) return nothing_to_mount(inside + " is noauto in the root's fstab");
    MountWords words{entry->source, target, given_type(entry->type), entry->options};
    if (is_bind(words.options)) words.what = context.new_root + words.what;
    Result<StageOutcome> mounted = mount_words(words, context);
    if (mounted || !entry->may_fail) return mounted;
    StageOutcome outcome = nothing_to_mount(inside + " is nofail in the root's fstab");
    outcome.warnings.push_back(describe(mounted.error()));
    return outcome;
}

Result<StageOutcome> run_mount(const Arguments& arguments, StageContext& context) {
    if (!arguments.has(kTarget)) return run_remount(arguments, context);
    MountWords words{arguments.text(kSource), arguments.text(kTarget),
                     arguments.has(kType) ? given_type(arguments.text(kType)) : "",
                     arguments.text(kMountOptions), arguments.text(kCrypttab) == "yes"};
    if (words.what == kFstabSource.view()) return mount_from_fstab(words.target, context);
    return mount_words(words, context);
}

// The mount that the target lies on, or as much of its path as is there.
std::uint64_t mark_mount(const Arguments& arguments, Sys& sys) {
    if (!arguments.has(kTarget)) return 0;  // a remount ends with its call
    std::string path = arguments.text(kTarget);
    while (true) {
        const Result<std::uint64_t> id = sys.mount_id(path);
        if (id) return *id;
        const std::size_t slash = path.rfind('/');
        if (id.error()->errnum != ENOENT || path == "/" || slash == std::string::npos) return 0;
        path.resize(std::max(slash, std::size_t{1}));
    }
}

Result<> undo_mount(const Arguments& arguments, StageContext& context, std::uint64_t mark) {
    // What is not a mount point cannot be unmounted, so that this ends.
    while (mark_mount(arguments, context.sys) != mark) {
        // As the mount itself, through symbolic links.
        TRY_VOID(context.sys.unmount(arguments.text(kTarget), 0));
    }
    return {};
}

}  // namespace

Result<> load_driver(const std::string& type, StageContext& context) {
    if (type == "none" || kernel_knows(type, context.sys)) return {};
    Result<> loaded = context.modules.load("fs-" + type, "");
    if (!loaded && loaded.error()->kind == ErrorKind::kNotFound) {
        loaded = context.modules.load(type, "");
    }
    if (!loaded && loaded.error()->kind == ErrorKind::kNotFound) return {};
    return loaded;
}

constinit const StageType kMountStage = {"mount",       "mount one filesystem",
                                         kMountTable,   false,
                                         Ending::kNone, false,
                                         plan_mount,    run_mount,
                                         mark_mount,    undo_mount};

}  // namespace prologue
