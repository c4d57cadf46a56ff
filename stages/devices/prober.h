// SPDX-License-Identifier: MIT
// The seam to libblkid: what is written on a device. libblkid's cache is never used, since it
// answers with what a device once was.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "init/base/clock.h"
#include "init/base/fd.h"

namespace prologue {

struct Signature {
    std::string fstype;  // as libblkid names it: ext4, crypto_LUKS, linux_raid_member
    std::string uuid;
    std::string uuid_sub;  // of one member of a filesystem on several devices
    std::string label;     // raw bytes
    std::string usage;     // filesystem, raid, crypto, other
};

struct ProbeResult {
    enum class Status : std::uint8_t {
        kFound,       // one signature
        kNothing,     // none
        kAmbivalent,  // several that contradict each other
        kUnreadable,  // see errnum
    };
    Status status = Status::kNothing;
    std::vector<Signature> signatures;
    int errnum = 0;
};

struct PartitionEntry {
    int number = 0;
    std::string uuid;  // GPT: of the entry; MBR: SSSSSSSS-PP; lower-case hexadecimal
    std::string name;  // GPT, as UTF-8
};

struct PartitionTable {
    int errnum = 0;                       // 0: read
    std::vector<PartitionEntry> entries;  // empty when there is no table
};

class Prober {
  public:
    virtual ~Prober() = default;
    // Before so many disks are looked at, of which one is to be found until `deadline`.
    virtual void begin_pass(std::size_t /*disks*/, Instant /*deadline*/) {}
    // Before a look at all of them for a person, which the only disk must not hold up either.
    void begin_survey(std::size_t disks, Instant deadline) {
        begin_pass(std::max<std::size_t>(disks, 2), deadline);
    }
    // A descriptor that is readable once a device answers that did not in time (ETIMEDOUT), or -1.
    [[nodiscard]] virtual int late_answers() const { return -1; }
    virtual ProbeResult probe(const std::string& path) = 0;
    // The table of the whole disk at `path`.
    virtual PartitionTable read_partitions(const std::string& path) = 0;
    // How many devices the btrfs at `path` spans; 0 when it cannot be read or is none.
    virtual std::uint64_t btrfs_devices(const std::string& path) = 0;
};

// Reads what a probe will, or a partition table alone: until the disk has answered, and the kernel has
// it. The disk, open; what cannot be read, the probe tells.
Fd read_ahead(const char* path, bool table_only);

class BlkidProber final : public Prober {
  public:
    ProbeResult probe(const std::string& path) override;
    PartitionTable read_partitions(const std::string& path) override;
    std::uint64_t btrfs_devices(const std::string& path) override;

  private:
    // The disk probed last. The kernel forgets a disk's pages when nobody has it open any more, and
    // the partition table and the mount come right after the probe.
    Fd held_;
};

}  // namespace prologue
