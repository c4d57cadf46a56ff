// SPDX-License-Identifier: MIT
// What the kernel says about its block devices in /sys/class/block. Nothing here opens a device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "init/base/error.h"
#include "init/base/literal.h"
#include "init/base/sys.h"

namespace prologue {

struct BlockDevice {
    // Why a device is no candidate, unless it is named by its path or number.
    enum class Class : std::uint8_t {
        kDisk,    // a candidate
        kFloppy,  // reading one without a medium takes seconds and tells nothing
        kMemory,  // ram disks and unbound loop devices: present on every machine, empty
    };

    std::string name;  // as in sysfs: vda1, "cciss!c0d0p1"
    std::string path;  // /dev/vda1, /dev/cciss/c0d0p1
    dev_t number = 0;
    std::uint64_t bytes = 0;    // 0: no medium, or a device-mapper device without a table
    std::uint64_t diskseq = 0;  // a partition has its disk's; 0 before Linux 5.15
    int partition = 0;          // 0: a whole disk
    std::string disk;           // the sysfs name of a partition's disk
    std::string part_name;      // the kernel's PARTNAME: every character cut to seven bits
    std::string part_uuid;      // the kernel's PARTUUID (since 6.13); empty when not given
    std::string mapper_name;    // of a device-mapper device
    bool suspended = false;     // of a device-mapper device: reading would block
    Class kind = Class::kDisk;

    // It has something to read, and reading neither blocks nor is in vain.
    [[nodiscard]] bool is_readable() const {
        return bytes != 0 && !suspended && kind == Class::kDisk;
    }
};

// The node that the kernel makes in /dev for a device of this sysfs name, which has '!' for '/'.
std::string node_path(std::string name);

class BlockInventory {
  public:
    virtual ~BlockInventory() = default;
    // All devices that have a number, sorted by name. Hidden ones (paths of a multipath disk) have
    // none.
    virtual Result<std::vector<BlockDevice>> scan() = 0;
    // One device by its sysfs name; nothing when it is not there (any more).
    virtual std::optional<BlockDevice> look_at(const std::string& name) = 0;
    // The sysfs names of the devices stacked on this one (dm, md, bcache).
    virtual std::vector<std::string> holders(const std::string& name) = 0;
    // Those that it lies on: a partition's disk, or what it is stacked on; none for a disk of its own.
    virtual std::vector<std::string> below(const std::string& name) = 0;
    // Those of a disk's partitions.
    virtual std::vector<std::string> partitions(const std::string& disk) = 0;
    // The sysfs name of the block device with this number; empty when there is none.
    virtual Result<std::string> name_of(dev_t number) = 0;
    // The number of the block node at `path`. Nothing when there is no node (yet); kRefused when
    // something else is there.
    virtual Result<std::optional<dev_t>> node_number(const std::string& path) = 0;
};

class SysfsBlocks final : public BlockInventory {
  public:
    explicit SysfsBlocks(Sys& sys, std::string sysfs = "/sys")
        : sys_(sys), sysfs_(std::move(sysfs)) {}

    Result<std::vector<BlockDevice>> scan() override;
    std::optional<BlockDevice> look_at(const std::string& name) override;
    std::vector<std::string> holders(const std::string& name) override;
    std::vector<std::string> below(const std::string& name) override;
    std::vector<std::string> partitions(const std::string& disk) override;
    Result<std::string> name_of(dev_t number) override;
    Result<std::optional<dev_t>> node_number(const std::string& path) override;

  private:
    [[nodiscard]] std::string place(const std::string& name) const;
    std::string attribute(const std::string& name, Text file);
    std::string disk_of(const std::string& partition);
    void read_disk(BlockDevice& device);

    Sys& sys_;
    std::string sysfs_;
};

}  // namespace prologue
