// SPDX-License-Identifier: MIT
#include "images/machine/guest_disks.h"

#include <algorithm>
#include <set>

#include "images/host.h"
#include "images/kernel_modules.h"
#include "images/machine/disk_walk.h"
#include "images/machine/mounted.h"
#include "stages/fstab.h"

namespace prologue::images {
namespace {

constexpr unsigned kMostLayers = 16;  // of one device on another

// Follows a device of sysfs down to the hardware.
void add_whole_disks(const Sysroot& machine, const std::string& path, unsigned layers,
                     std::set<std::string>& paths) {
    if (path.empty() || layers == 0) return;
    if (machine.has(path + "/partition"))
        return add_whole_disks(machine, std::string(parent_of(path)), layers - 1, paths);
    const std::vector<std::string> below = machine.list(path + "/slaves");
    for (const std::string& name : below)
        add_whole_disks(machine, machine.resolve("/sys/class/block/" + name), layers - 1, paths);
    if (below.empty()) paths.insert(path);
}

bool has_part(std::string_view path, std::string_view part) {
    return path.find(part) != std::string_view::npos;
}

GuestDisk guest_disk(const Sysroot& machine, const std::string& path) {
    GuestDisk disk;
    std::string name(base_name(path));
    disk.path = machine.at(node_of(name));
    if (name.starts_with("nvme"))
        disk.bus = DiskBus::kNvme;
    else if (has_part(path, "/usb"))
        disk.bus = DiskBus::kUsb;
    else if (has_part(path, "/ata"))
        disk.bus = DiskBus::kAhci;
    else if (has_part(path, "/virtio"))
        disk.bus = has_part(path, "/host") ? DiskBus::kVirtioScsi : DiskBus::kVirtio;
    else
        disk.is_guess = true;
    if (disk.is_guess && has_part(path, "/host")) disk.bus = DiskBus::kVirtioScsi;
    return disk;
}

std::vector<std::string> mounted_directories(const Sysroot& machine) {
    std::vector<std::string> directories = {"/"};
    const std::string fstab = machine.read("/etc/fstab").value_or("");
    for (std::string_view rest = fstab; !rest.empty();) {
        const std::vector<std::string_view> words = split_words(take_line(rest));
        const bool is_line = words.size() >= 2 && !words[0].starts_with('#');
        if (is_line && words[1].starts_with('/') && words[1] != "/")
            directories.emplace_back(words[1]);
    }
    return directories;
}

// Swap is waited for as well, by the real init.
void add_swap(const Sysroot& machine, std::set<std::string>& paths) {
    const std::string swaps = machine.read("/proc/swaps").value_or("");
    for (std::string_view rest = swaps; !rest.empty();) {
        const std::vector<std::string_view> words = split_words(take_line(rest));
        if (words.size() < 2 || words[1] != "partition") continue;
        const std::string name(base_name(words[0]));
        if (name.starts_with("zram")) continue;
        add_whole_disks(machine, machine.resolve("/sys/class/block/" + name), kMostLayers, paths);
    }
}

}  // namespace

Result<std::vector<GuestDisk>> guest_disks(const Sysroot& machine) {
    const std::string mountinfo = TRY(machine.read("/proc/self/mountinfo"));
    const auto mounts = mounted_at(machine, mounted_directories(machine), mountinfo);
    if (mounts.empty() || !mounts.front())
        return fail(Error::not_found("find the root", machine.at("/proc/self/mountinfo"),
                                     "nothing is mounted at /"));
    std::set<std::string> paths;
    for (const auto& mount : mounts) {
        if (!mount) continue;
        const Result<std::vector<std::string>> devices = devices_of(machine, *mount);
        // What fstab has from the network, or in memory, is on no disk; the root has to be.
        if (!devices && &mount == &mounts.front()) return fail(Error(devices.error()));
        if (!devices) continue;
        for (const std::string& name : *devices)
            add_whole_disks(machine, machine.resolve("/sys/class/block/" + name), kMostLayers,
                            paths);
    }
    add_swap(machine, paths);
    std::vector<GuestDisk> disks;
    for (const std::string& path : paths) disks.push_back(guest_disk(machine, path));
    std::sort(disks.begin(), disks.end(),
              [](const GuestDisk& a, const GuestDisk& b) { return a.path < b.path; });
    return disks;
}

}  // namespace prologue::images
