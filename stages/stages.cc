// SPDX-License-Identifier: MIT
// The ordered table of all stages, and the helpers that several stages share.
#include "stages/stages.h"

#include <algorithm>
#include <cerrno>

#include "init/base/compose.h"
#include "init/base/mountinfo.h"
#include "init/base/split.h"

namespace prologue {
namespace {

constexpr const StageType* kTable[] = {
    &kMountStage,     &kUmountStage, &kModulesStage,    &kFindStage,
#if PROLOGUE_DECRYPT
    &kDecryptStage,
#endif
    &kExecStage,      &kWriteStage,  &kSwitchRootStage, &kShellStage, &kServiceStage,
    &kSuperviseStage, &kRebootStage, &kPowerOffStage,   &kHaltStage,
};

// linux/magic.h
constexpr std::uint64_t kRamfsMagic = 0x858458f6, kTmpfsMagic = 0x01021994;

Error gone(const std::string& path, std::string_view name) {
    return Error::not_found("find", path,
                            compose("the device that '{}' names is gone", std::string(name)))
        .with_hint("it was unplugged, or it stopped answering: the kernel's own messages say more");
}

Result<Device> known_device(std::string_view name, StageContext& context) {
    const std::optional<std::string> path = context.values.lookup(name);
    for (const Device& device : context.known) {
        if (!path || device.path != *path) continue;
        const Result<FileInfo> node = context.sys.stat(device.path);
        if (!node && node.error()->errnum == ENOENT) return fail(gone(device.path, name));
        if (!node) return fail(node.error());
        if (node->type == FileType::kBlock && node->node == device.number) return device;
        return fail(Error::refused("find", device.path, "is no longer the device that was found"));
    }
    return fail(Error::not_found("find", std::string(name), "no earlier stage yielded it"));
}

// When the search for root= comes to nothing, all disks are read for what would fit, which a slow one
// must not keep from being told.
Instant leave_time_to_look(const StageContext& context) {
    constexpr Instant kLook = Duration(1'000);
    if (context.deadline == kNever) return context.deadline;
    return context.deadline - std::min(kLook, (context.deadline - context.sys.now()) / 4);
}

}  // namespace

std::span<const StageType* const> stage_table() {
    return kTable;
}

Result<Device> resolve_device(std::string_view text, StageContext& context, bool want_type) {
    if (!looks_like_device_spec(text)) return known_device(text, context);
    for (const Device& device : context.known) {
        // `${name}` expands to the path of a yielded device; there is nothing to wait for then.
        if (device.path == text && (!want_type || !device.fstype.empty())) {
            const Result<FileInfo> node = context.sys.stat(device.path);
            if (node && node->node == device.number) return device;
        }
    }
    const DeviceSpec spec = TRY(parse_device_spec(text));
    const config::Parameter* root = context.values.command_line.last("root");
    const bool is_root_word = root != nullptr && root->value && *root->value == text;
    const Instant deadline = is_root_word ? leave_time_to_look(context) : context.deadline;
    Result<Device> found = context.devices.find(spec, deadline, want_type);
    if (!found && found.error()->kind == ErrorKind::kTimeout && is_root_word) {
        const std::string words = context.devices.survey(context.deadline).root_words;
        if (!words.empty()) found.error()->hint = "what is there: " + words;
    }
    return found;
}

void explain_unset(const Step& step, StageContext& context, Error& error) {
    for (const Given& given : step.given) {
        const ValueKind kind = step.type->options[given.index].kind;
        if (kind != ValueKind::kDevice && kind != ValueKind::kMountable) continue;
        if (config::expand(given.word, context.values)) continue;
        DeviceSurvey survey = context.devices.survey(context.deadline);
        error->notes = std::move(survey.notes);
        if (!survey.root_words.empty() && error->object == "${cmdline.root}")
            error->hint = "what would fit on the kernel command line: " + survey.root_words;
        return;
    }
}

std::string describe_device(const Device& device) {
    return device.fstype.empty() ? device.path : compose("{} ({})", device.path, device.fstype);
}

std::string terminal_name(std::string_view text) {
    constexpr std::string_view kDirectory = "/dev/";
    if (text.starts_with(kDirectory)) text.remove_prefix(kDirectory.size());
    return std::string(text);
}

Result<> make_dirs(const std::string& path, Sys& sys) {
    for (std::size_t slash = 1; slash <= path.size(); ++slash) {
        if (slash != path.size() && path[slash] != '/') continue;
        const std::string part = path.substr(0, slash);
        const Result<FileInfo> info = sys.stat(part);
        if (info && info->type == FileType::kDirectory) continue;
        if (info) return fail(Error::system("mkdir", ENOTDIR, part));
        const Result<> made = sys.make_dir(part, 0755);
        if (!made && made.error()->errnum != EEXIST) return made;
    }
    return {};
}

bool has_mount_option(std::string_view options, Text word) {
    while (!options.empty()) {
        const std::string_view option = take_part(options, ',');
        if (option.substr(0, option.find('=')) == word.view()) return true;
    }
    return false;
}

std::string_view access_word(std::string_view options) {
    std::string_view word;
    while (!options.empty()) {
        const std::string_view option = take_part(options, ',');
        if (option == "ro" || option == "rw") word = option;
    }
    return word;
}

Result<bool> root_is_rootfs(const std::vector<MountEntry>& mounts, Sys& sys) {
    const std::uint64_t magic = TRY(sys.filesystem_magic("/"));
    if (magic != kRamfsMagic && magic != kTmpfsMagic) return false;
    const MountEntry* root = mount_at(mounts, "/");
    return root != nullptr && root->type == "rootfs";
}

}  // namespace prologue
