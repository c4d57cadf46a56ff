// SPDX-License-Identifier: MIT
// Source: Documentation/ABI/stable/sysfs-block, block/genhd.c and block/partitions/core.c
// (uevents).
#include "stages/devices/block_scan.h"

#include <algorithm>
#include <charconv>

#include <sys/sysmacros.h>

#include "init/base/compose.h"
#include "init/base/device_number.h"

namespace prologue {
namespace {

constexpr std::size_t kAttributeLimit = 4096;  // sysfs gives at most one page
constexpr Literal kNoSysfs = "a line 'mount sysfs /sys' must come first";
constexpr std::uint64_t kSector = 512;  // `size` counts these, whatever the disk's own are

template <class Number>
Number to_number(std::string_view text) {
    Number number = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), number);  // else 0: not given
    return number;
}

// The value of KEY in the lines of a `uevent` file.
std::string_view value_of(std::string_view lines, Text name) {
    const std::string_view key = name;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        const std::string_view line = lines.substr(0, end);
        if (line.size() > key.size() && line[key.size()] == '=' && line.starts_with(key)) {
            return line.substr(key.size() + 1);
        }
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return {};
}

bool is_numbered(std::string_view name, Text start) {
    const std::string_view prefix = start;
    return name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] >= '0' &&
           name[prefix.size()] <= '9';
}

BlockDevice::Class classify(const BlockDevice& device) {
    if (is_numbered(device.name, "fd")) return BlockDevice::Class::kFloppy;
    if (is_numbered(device.name, "ram")) return BlockDevice::Class::kMemory;
    const bool is_virtual = is_numbered(device.name, "loop") || is_numbered(device.name, "zram") ||
                            is_numbered(device.name, "nbd");
    return is_virtual && device.bytes == 0 ? BlockDevice::Class::kMemory
                                           : BlockDevice::Class::kDisk;
}

}  // namespace

std::string node_path(std::string name) {
    std::replace(name.begin(), name.end(), '!', '/');
    return "/dev/" + name;
}

std::string SysfsBlocks::place(const std::string& name) const {
    return compose("{}/class/block/{}", sysfs_, name);
}

std::string SysfsBlocks::attribute(const std::string& name, Text file) {
    auto text = sys_.read_file(compose("{}/{}", place(name), file.str()), kAttributeLimit);
    if (!text) return {};  // this kernel or this kind of device has none, or the device has gone
    while (text->ends_with('\n')) text->pop_back();
    return std::move(*text);
}

std::string SysfsBlocks::disk_of(const std::string& partition) {
    // …/block/vda/vda1: the parent directory is the disk.
    const auto link = sys_.read_link(place(partition));
    if (!link) return {};
    const std::size_t end = link->rfind('/');
    if (end == std::string::npos || end == 0) return {};
    const std::size_t begin = link->rfind('/', end - 1) + 1;
    return link->substr(begin, end - begin);
}

void SysfsBlocks::read_disk(BlockDevice& device) {
    if (!is_numbered(device.name, "dm-")) return;
    device.mapper_name = attribute(device.name, "dm/name");
    device.suspended = attribute(device.name, "dm/suspended") == "1";
}

std::optional<BlockDevice> SysfsBlocks::look_at(const std::string& name) {
    const std::string uevent = attribute(name, "uevent");
    const std::string_view major = value_of(uevent, "MAJOR");
    const std::string_view minor = value_of(uevent, "MINOR");
    if (major.empty() || minor.empty()) return {};  // hidden (device_add_disk()), or gone

    BlockDevice device;
    device.name = name;
    device.path = node_path(name);
    device.number = makedev(to_number<unsigned>(major), to_number<unsigned>(minor));
    device.bytes = to_number<std::uint64_t>(attribute(name, "size")) * kSector;
    device.diskseq = to_number<std::uint64_t>(value_of(uevent, "DISKSEQ"));
    device.partition = to_number<int>(value_of(uevent, "PARTN"));
    device.part_name = value_of(uevent, "PARTNAME");
    device.part_uuid = value_of(uevent, "PARTUUID");
    if (value_of(uevent, "DEVTYPE") == "partition") {
        device.disk = disk_of(name);
    } else {
        read_disk(device);
    }
    device.kind = classify(device);
    return device;
}

Result<std::vector<BlockDevice>> SysfsBlocks::scan() {
    const auto names = sys_.list_dir(sysfs_ + "/class/block");
    if (!names) {
        return fail(Error(names.error()).with_hint(kNoSysfs));
    }
    std::vector<BlockDevice> devices;
    for (const std::string& name : *names) {
        if (auto device = look_at(name)) devices.push_back(std::move(*device));
    }
    return devices;
}

std::vector<std::string> SysfsBlocks::holders(const std::string& name) {
    auto names = sys_.list_dir(place(name) + "/holders");
    return names ? std::move(*names) : std::vector<std::string>{};
}

std::vector<std::string> SysfsBlocks::below(const std::string& name) {
    auto names = sys_.list_dir(place(name) + "/slaves");
    if (names) return std::move(*names);
    // Of all devices only a partition has no such directory.
    std::string disk = disk_of(name);
    return disk.empty() ? std::vector<std::string>{} : std::vector{std::move(disk)};
}

std::vector<std::string> SysfsBlocks::partitions(const std::string& disk) {
    auto names = sys_.list_dir(place(disk));
    if (!names) return {};
    std::erase_if(*names, [&](const std::string& name) { return !name.starts_with(disk); });
    return std::move(*names);
}

Result<std::string> SysfsBlocks::name_of(dev_t number) {
    const std::string directory = sysfs_ + "/dev/block";
    const auto link = sys_.read_link(compose("{}/{}", directory, device_number_text(number)));
    if (link) return link->substr(link->rfind('/') + 1);
    const auto any = sys_.stat(directory);
    if (!any) return fail(Error(any.error()).with_hint(kNoSysfs));
    return std::string{};
}

Result<std::optional<dev_t>> SysfsBlocks::node_number(const std::string& path) {
    const auto info = sys_.stat(path);
    if (!info) return std::optional<dev_t>{};
    if (info->type != FileType::kBlock) {
        return fail(Error::refused("find", path, "not a block device"));
    }
    return std::optional<dev_t>{info->node};
}

}  // namespace prologue
