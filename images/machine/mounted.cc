// SPDX-License-Identifier: MIT
#include "images/machine/mounted.h"

#include <algorithm>

#include "images/host.h"
#include "images/machine/disk_walk.h"
#include "init/base/mountinfo.h"
#include "init/base/split.h"
#include "stages/devices/prober.h"

namespace prologue::images {
namespace {

// Below the root only what lies on a device counts: an overlay that systemd-sysext(8) puts on /usr comes with
// the real system.
std::optional<MountedFilesystem> find_mount(std::string_view mountinfo,
                                            const std::string& directory, bool any_source) {
    std::optional<MountedFilesystem> found;
    while (!mountinfo.empty()) {
        const std::optional<MountFields> line = split_mount_line(take_part(mountinfo, '\n'));
        if (!line || unescape_octal(line->target) != directory) continue;
        if (!any_source && !line->source.starts_with("/dev/")) continue;
        found = MountedFilesystem{std::string(line->number), unescape_octal(line->root),
                                  std::string(line->type), unescape_octal(line->source)};
    }
    return found;
}

// Without udev a mapping is no link to its dm-N.
std::string mapping_called(const Sysroot& machine, std::string_view name) {
    for (const std::string& disk : machine.list("/sys/class/block"))
        if (machine.line("/sys/class/block/" + disk + "/dm/name") == name) return disk;
    return {};
}

std::string device_name(const Sysroot& machine, const MountedFilesystem& mounted) {
    const std::string disk = machine.resolve("/sys/dev/block/" + mounted.number);
    if (!disk.empty()) return std::string(base_name(disk));
    // A btrfs has a number that is no device's.
    if (!mounted.source.starts_with("/dev/")) return {};
    const std::string node = machine.resolve(mounted.source);
    const std::string name(base_name(node.empty() ? mounted.source : node));
    if (machine.has("/sys/class/block/" + name)) return name;
    return mapping_called(machine, base_name(mounted.source));
}

// The link in /dev/disk/by-KIND that leads to the device.
std::string udev_name(const Sysroot& machine, const std::string& kind, const std::string& device) {
    const std::string directory = "/dev/disk/by-" + kind;
    for (const std::string& name : machine.list(directory))
        if (machine.resolve(directory + "/" + name) == node_of(device)) return name;
    return {};
}

// The directory of a btrfs in sysfs is called by its UUID.
std::string btrfs_of(const Sysroot& machine, const std::string& device) {
    for (const std::string& uuid : machine.list("/sys/fs/btrfs"))
        if (machine.has("/sys/fs/btrfs/" + uuid + "/devices/" + device)) return uuid;
    return {};
}

}  // namespace

std::vector<std::optional<MountedFilesystem>> mounted_at(
    const Sysroot& machine, const std::vector<std::string>& directories,
    std::string_view mountinfo) {
    const std::string& top = machine.directory();
    const std::string prefix = !top.empty() && find_mount(mountinfo, top, true) ? top : "";
    std::vector<std::optional<MountedFilesystem>> mounts;
    for (const std::string& directory : directories) {
        const bool is_root = directory == "/";
        const std::string path = is_root && !prefix.empty() ? prefix : prefix + directory;
        mounts.push_back(find_mount(mountinfo, path, is_root));
    }
    return mounts;
}

Result<std::vector<std::string>> devices_of(const Sysroot& machine,
                                            const MountedFilesystem& mounted) {
    const std::string device = device_name(machine, mounted);
    if (device.empty())
        return fail(Error::refused("boot from", mounted.source + " (" + mounted.type + ")",
                                   "no disk of this machine has this filesystem")
                        .with_hint("containers, live systems and roots on the network have no such "
                                   "config; an image without one obeys root="));
    std::vector<std::string> devices = {device};
    if (mounted.type != "btrfs") return devices;
    const std::string uuid = btrfs_of(machine, device);
    for (const std::string& member : machine.list("/sys/fs/btrfs/" + uuid + "/devices"))
        if (!uuid.empty() && member != device) devices.push_back(member);
    return devices;
}

Result<std::string> name_of_filesystem(const Sysroot& machine, const std::string& device) {
    std::string uuid = btrfs_of(machine, device);
    if (uuid.empty()) uuid = udev_name(machine, "uuid", device);
    if (!uuid.empty()) return "UUID=" + uuid;
    const std::string path = node_of(device);
    const ProbeResult probed = BlkidProber().probe(machine.at(path));
    if (probed.status == ProbeResult::Status::kUnreadable)
        return fail(
            Error::system("read", probed.errnum, machine.at(path))
                .with_hint("its UUID is wanted, and udev has left none in /dev/disk/by-uuid; "
                           "root may read it"));
    const bool is_clear = probed.status == ProbeResult::Status::kFound;
    if (is_clear && !probed.signatures.front().uuid.empty())
        return "UUID=" + probed.signatures.front().uuid;
    const std::string part = udev_name(machine, "partuuid", device);
    return part.empty() ? path : "PARTUUID=" + part;
}

FstabLine find_fstab_line(std::string_view text, std::string_view directory) {
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        std::optional<FstabEntry> entry = find_in_fstab(take_part(text, '\n'), directory);
        if (entry) return {std::move(*entry), number};
    }
    return {};
}

}  // namespace prologue::images
