// SPDX-License-Identifier: MIT
// stages/mount.cc: mounts one filesystem.   Source: mount(2), mount(8), libmount.
#include "stages/stages.h"

#include <cerrno>

#include "init/base/mountinfo.h"
#include "init/base/path.h"
#include "init/base/split.h"

namespace prologue {
namespace {

enum : std::size_t { kSource, kTarget, kType, kMountOptions };
constexpr OptionSpec kOptions[] = {
    {"what", ValueKind::kMountable, Need::kPositional,
     "device, yielded name, device-less filesystem type, or tag", ""},
    {"dir", ValueKind::kPath, Need::kOptionalPositional,
     "absolute mount point, created when missing; left out only with options=remount", ""},
    {"type", ValueKind::kText, Need::kOption, "filesystem type", "probed"},
    {"options", ValueKind::kText, Need::kOption,
     "comma-separated mount options; 'kernel' stands for ro, rw, rootflags= and rootfstype= of the "
     "command line",
     ""},
};

// What systemd, dracut and initramfs-tools put on the API filesystems; a later word of the user's
// own options (exec, dev, suid) takes it back.
struct ApiDefaults {
    Literal type, options;
};
constexpr ApiDefaults kApiDefaults[] = {
    {"proc", "nosuid,nodev,noexec"},       {"sysfs", "nosuid,nodev,noexec"},
    {"devtmpfs", "nosuid"},                {"devpts", "nosuid,noexec"},
    {"cgroup2", "nosuid,nodev,noexec"},    {"securityfs", "nosuid,nodev,noexec"},
    {"debugfs", "nosuid,nodev,noexec"},    {"tracefs", "nosuid,nodev,noexec"},
    {"efivarfs", "nosuid,nodev,noexec"},   {"configfs", "nosuid,nodev,noexec"},
    {"pstore", "nosuid,nodev,noexec"},     {"bpf", "nosuid,nodev,noexec"},
    {"mqueue", "nosuid,nodev,noexec"},
};

std::string joined(std::string_view a, std::string_view b) {
    std::string list(a);
    if (!a.empty() && !b.empty()) list += ',';
    return list.append(b);
}

// Everything that is decided before the mount call.
struct MountPlan {
    MountRequest request;
    std::string shown_source;  // for messages: "/dev/vda", "tmpfs"
    bool on_device = false;
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
std::string effective_options(const Arguments& arguments, const MountPlan& plan,
                              const StageContext& context) {
    const config::CommandLine& command_line = context.values.built_in_words;
    const std::string given = arguments.text(kMountOptions);
    std::string options = expand_kernel_word(given, command_line);
    const std::string& target = plan.request.target;
    const bool is_root = !context.new_root.empty() && target == context.new_root;
    const bool below_root =
        !context.new_root.empty() && path_is_below(target, context.new_root);
    if (below_root && plan.on_device && !has_mount_option(options, "rw") &&
        !has_mount_option(options, "ro")) {
        options = joined("ro", options);
    }
    for (const ApiDefaults& defaults : kApiDefaults) {
        if (plan.request.type == defaults.type) options = joined(defaults.options, options);
    }
    return joined(options, read_write_word(command_line, is_root));
}

bool is_bind(std::string_view options) {
    return has_mount_option(options, "bind") || has_mount_option(options, "rbind");
}

// What rootfstype= means for a device: the probed type where the list has it, else the list's first.
// ramfs and tmpfs in it speak of rootfs itself. Empty without the word.
std::string kernel_type(const config::CommandLine& command_line, const std::string& probed) {
    const config::Parameter* word = command_line.last("rootfstype");
    std::string_view list = word != nullptr && word->value ? *word->value : std::string_view();
    std::string_view first;
    while (!list.empty()) {
        const std::string_view type = take_part(list, ',');
        if (type == probed) return probed;
        if (first.empty() && type != "ramfs" && type != "tmpfs") first = type;
    }
    return std::string(first);
}

Result<> choose_device_source(const Arguments& arguments, const std::string& type,
                              StageContext& context, MountPlan& plan) {
    const Device device = TRY(resolve_device(arguments.text(kSource), context, type.empty()));
    plan.on_device = true;
    plan.request.source = device.path;
    plan.request.type = type;
    if (type.empty() && has_mount_option(arguments.text(kMountOptions), "kernel")) {
        plan.request.type = kernel_type(context.values.built_in_words, device.fstype);
    }
    if (plan.request.type.empty()) plan.request.type = device.fstype;
    if (plan.request.type.empty()) {
        return fail(Error::not_found("mount", device.path, "no filesystem was found on it")
                        .with_hint("format it, name another device, or say type="));
    }
    if (plan.request.type == "crypto_LUKS") {
        return fail(Error::refused("mount", device.path, "is an encrypted LUKS container")
                        .with_hint("a 'decrypt' line before this one opens it"));
    }
    return {};
}

Result<> choose_source(const Arguments& arguments, StageContext& context, MountPlan& plan) {
    const std::string what = arguments.text(kSource);
    const std::string type = arguments.has(kType) ? arguments.text(kType) : "";
    plan.request.source = plan.shown_source = what;
    plan.request.type = type;
    if (is_deviceless_type(what)) {
        if (type.empty()) plan.request.type = what;
        return {};
    }
    plan.on_device = takes_verbatim_source(type);
    if (plan.on_device || is_deviceless_type(type)) return {};
    if (is_bind(arguments.text(kMountOptions))) {
        plan.request.type = "none";
        return {};
    }
    TRY_VOID(choose_device_source(arguments, type, context, plan));
    plan.shown_source = plan.request.source;
    return {};
}

// A line of /proc/filesystems is "nodev\tproc" or "\text4".
bool kernel_knows(std::string_view type, Sys& sys) {
    const Result<std::string> list = sys.read_file("/proc/filesystems", 64 * 1024);
    return list && list->find("\t" + std::string(type) + "\n") != std::string::npos;
}

// The kernel would ask for "fs-TYPE" itself through /sbin/modprobe; asking first gives the reason
// when it cannot be had. A module that is nowhere is left to the mount call: it says ENODEV.
Result<> load_driver(const std::string& type, StageContext& context) {
    if (type == "none" || kernel_knows(type, context.sys)) return {};
    Result<> loaded = context.modules.load("fs-" + type, "");
    if (!loaded && loaded.error().kind == ErrorKind::kNotFound) {
        loaded = context.modules.load(type, "");
    }
    if (!loaded && loaded.error().kind == ErrorKind::kNotFound) return {};
    return loaded;
}

Error explain(Error error, const MountPlan& plan) {
    const std::string& type = plan.request.type;
    error.object = plan.shown_source + " on " + plan.request.target;
    switch (error.errnum) {
        case ENODEV:
            error.hint = "'" + type + "' is not in /proc/filesystems; add its module to a 'modules' line";
            break;
        case EINVAL:
            error.hint = "wrong type '" + type + "', a bad option in '" + plan.request.options +
                         "', or a damaged superblock";
            break;
        case EROFS:
        case EACCES:
            error.hint = has_mount_option(plan.request.options, "ro")
                             ? "the device is read-only, and its journal must be replayed first; "
                               "options=ro,noload (xfs: ro,norecovery) mounts it as it is"
                             : "the device is read-only; mount it with options=ro";
            break;
        case EBUSY: error.hint = "the device is in use or already mounted in another way"; break;
        case ENOENT: error.hint = "the source does not exist"; break;
        default: break;
    }
    return error;
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

Result<StageOutcome> run_remount(const Arguments& arguments, StageContext& context) {
    MountPlan plan;
    plan.request.target = arguments.text(kSource);
    plan.request.source = "none";
    plan.request.type = "none";
    plan.request.options = arguments.text(kMountOptions);
    plan.shown_source = plan.request.target;
    const Result<> mounted = context.mounter.mount(plan.request);
    if (!mounted) return fail(explain(mounted.error(), plan));
    StageOutcome outcome;
    outcome.summary = plan.request.target + " " + plan.request.options;
    return outcome;
}

Result<StageOutcome> run_mount(const Arguments& arguments, StageContext& context) {
    if (!arguments.has(kTarget)) return run_remount(arguments, context);
    MountPlan plan;
    plan.request.target = arguments.text(kTarget);
    TRY_VOID(choose_source(arguments, context, plan));
    plan.request.options = effective_options(arguments, plan, context);
    TRY_VOID(load_driver(plan.request.type, context));
    TRY_VOID(make_dirs(plan.request.target, context.sys));
    if (already_there(plan, context.sys)) {
        plan.request.options = joined("remount", plan.request.options);
    }
    Result<> mounted = context.mounter.mount(plan.request);
    if (!mounted) return fail(explain(std::move(mounted).error(), plan));
    StageOutcome outcome;
    outcome.summary = plan.shown_source;
    if (plan.shown_source != plan.request.type) outcome.summary += " (" + plan.request.type + ")";
    outcome.summary += " on " + plan.request.target;
    return outcome;
}

// A path or host:/path that stands where a device must: only an option can make sense of it.
void check_source(const config::Word& what, config::Diagnostics& diagnostics) {
    const std::string text = what.text();
    if (!what.is_literal() || looks_like_device_spec(text)) return;
    if (text.starts_with('/') && !path_is_below(text, "/dev")) {
        diagnostics.error(what.span, config::quoted(text) + " is no device",
                          "devices lie below /dev; options=bind mounts a directory");
    } else if (text.find(":/") != std::string::npos) {
        diagnostics.error(what.span, "what lies at " + config::quoted(text) + " has no type here",
                          "say it, such as type=nfs4");
    }
}

void plan_mount(const Step& step, PlanContext& context) {
    const config::Word* what = step.find(kSource);
    const config::Word* target = step.find(kTarget);
    const config::Word* options = step.find(kMountOptions);
    if (what == nullptr) return;
    if (target == nullptr) {
        if (options == nullptr || !has_mount_option(options->text(), "remount")) {
            context.diagnostics().error(step.line, "'mount' needs WHAT and DIR",
                                        "only options=remount,… goes with a directory alone");
        }
        return;
    }
    if (target->is_literal()) context.note_mount(target->text());
    const config::Word* type = step.find(kType);
    const std::string type_text = type != nullptr && type->is_literal() ? type->text() : "";
    const bool verbatim = is_deviceless_type(what->text()) || takes_verbatim_source(type_text) ||
                          is_deviceless_type(type_text) ||
                          (options != nullptr && is_bind(options->text()));
    if (verbatim) return;
    const bool all_said = options == nullptr || options->is_literal();
    if (all_said && !takes_any_source(step)) check_source(*what, context.diagnostics());
    context.note_device_wait(step.line);
}

}  // namespace

constinit const StageType kMountStage = {
    "mount",    "mount one filesystem", kOptions, false, Ending::kNone, false, plan_mount,
    run_mount};

}  // namespace prologue
