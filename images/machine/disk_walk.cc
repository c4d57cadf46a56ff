// SPDX-License-Identifier: MIT
#include "images/machine/disk_walk.h"

#include <algorithm>

#include "images/host.h"

namespace prologue::images {
namespace {

constexpr std::string_view kDevices = "/sys/devices/";

struct Kind {
    Literal mark, what;
};

// By the start of dm/uuid, which each maker of mappings begins with its own name. The first that fits.
constexpr Kind kMappings[] = {
    {"LVM-", "an LVM volume"},
    {"mpath-", "a multipath device"},
    {"DMRAID-", "a RAID of the BIOS"},
    {"CRYPT-VERITY-", "a verity device"},
    {"CRYPT-SUBDEV-", "a LUKS container with integrity"},
    {"INTEGRITY-", "an integrity device"},
    {"CRYPT-", "an encrypted device without LUKS"},
};

// By a part of the path in sysfs.
constexpr Kind kPlaces[] = {
    {"/nvme-fabrics/", "a disk of the network (NVMe over Fabrics)"},
    {"/session", "a disk of the network (iSCSI)"},
    {"/block/nbd", "a disk of the network (NBD)"},
    {"/block/rbd", "a disk of the network (Ceph)"},
    {"/block/drbd", "a disk of the network (DRBD)"},
    {"/block/loop", "a loop device"},
    {"/block/md", "a RAID"},
    {"/block/bcache", "a bcache device"},
    {"/block/zd", "a ZFS volume"},
};

Unexpected unsupported(std::string_view name, std::string_view what) {
    return fail(Error::refused("boot from", node_of(name),
                               "it is " + std::string(what) + ", which is not supported yet"));
}

// "CRYPT-LUKS2-6a1c4e5e8d1c4f0e9a590d2f5d3c7b11-NAME".
bool read_luks_uuid(std::string_view uuid, CryptMapping& mapping) {
    constexpr std::string_view kMark = "CRYPT-";
    constexpr std::size_t kVersion = 5, kDigits = 32;
    if (!uuid.starts_with(kMark)) return false;
    uuid.remove_prefix(kMark.size());
    mapping.version = uuid.substr(0, kVersion);
    if (mapping.version != "LUKS1" && mapping.version != "LUKS2") return false;
    const std::string_view digits = uuid.substr(kVersion + 1, kDigits);
    if (digits.size() != kDigits) return false;
    for (std::size_t i = 0; i < kDigits; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) mapping.uuid += '-';
        mapping.uuid += digits[i];
    }
    return true;
}

Result<> follow_mapping(const Sysroot& machine, const std::string& path, Stack& stack) {
    const std::string uuid = machine.line(path + "/dm/uuid");
    CryptMapping mapping;
    mapping.name = machine.line(path + "/dm/name");
    if (!read_luks_uuid(uuid, mapping)) {
        for (const Kind& kind : kMappings)
            if (uuid.starts_with(kind.mark.view())) return unsupported(mapping.name, kind.what);
        return unsupported(mapping.name, "made by the device mapper");
    }
    const bool is_known =
        std::any_of(stack.mappings.begin(), stack.mappings.end(),
                    [&](const CryptMapping& one) { return one.name == mapping.name; });
    if (is_known) return {};
    for (const std::string& slave : machine.list(path + "/slaves")) {
        mapping.disk = slave;
        TRY_VOID(follow_block_device(machine, machine.resolve("/sys/class/block/" + slave), stack));
    }
    stack.mappings.push_back(std::move(mapping));
    return {};
}

// With native multipath the disk of an NVMe controller is below none of the hardware.
std::vector<std::string> hardware_of(const Sysroot& machine, const std::string& path) {
    const std::string_view subsystem = parent_of(path);
    if (subsystem.find("/nvme-subsystem/") == std::string_view::npos) return {path};
    std::vector<std::string> controllers;
    for (const std::string& name : machine.list(subsystem)) {
        std::string real = machine.resolve(std::string(subsystem) + "/" + name);
        const bool is_elsewhere = real.find("/nvme-subsystem/") == std::string::npos;
        if (name.starts_with("nvme") && is_elsewhere) controllers.push_back(std::move(real));
    }
    return controllers;
}

Result<> follow_disk(const Sysroot& machine, const std::string& path, Stack& stack) {
    Disk disk;
    disk.name = base_name(path);
    for (const Kind& kind : kPlaces)
        if (path.find(kind.mark.view()) != std::string::npos)
            return unsupported(disk.name, kind.what);
    if (!machine.list(path + "/slaves").empty())
        return unsupported(disk.name, "a device that stands on others");
    const bool is_known = std::any_of(stack.disks.begin(), stack.disks.end(),
                                      [&](const Disk& one) { return one.name == disk.name; });
    if (is_known) return {};
    for (const std::string& place : hardware_of(machine, path))
        add_drivers(disk.drivers, drivers_on_path(machine, place));
    stack.disks.push_back(std::move(disk));
    return {};
}

}  // namespace

std::string node_of(std::string_view name) {
    std::string node = "/dev/" + std::string(name);
    std::replace(node.begin(), node.end(), '!', '/');
    return node;
}

Result<> follow_block_device(const Sysroot& machine, const std::string& path, Stack& stack) {
    if (machine.has(path + "/partition"))
        return follow_block_device(machine, std::string(parent_of(path)), stack);
    if (machine.has(path + "/dm")) return follow_mapping(machine, path, stack);
    return follow_disk(machine, path, stack);
}

std::vector<Driver> drivers_on_path(const Sysroot& machine, std::string_view path) {
    std::vector<Driver> drivers;
    std::size_t end = kDevices.size();
    while (path.starts_with(kDevices) && end < path.size()) {
        end = std::min(path.find('/', end + 1), path.size());
        const std::string device(path.substr(0, end));
        const std::string module(base_name(machine.resolve(device + "/driver/module")));
        // Only what was loaded has a state.
        const bool built_in = !machine.has("/sys/module/" + module + "/initstate");
        if (!module.empty()) add_drivers(drivers, {{module, device, built_in}});
    }
    return drivers;
}

void add_drivers(std::vector<Driver>& drivers, const std::vector<Driver>& more) {
    for (const Driver& driver : more) {
        const bool is_known = std::any_of(drivers.begin(), drivers.end(), [&](const Driver& one) {
            return one.module == driver.module;
        });
        if (!is_known) drivers.push_back(driver);
    }
}

}  // namespace prologue::images
