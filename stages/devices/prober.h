// SPDX-License-Identifier: MIT
// The seam to libblkid: what is written on a device. libblkid's cache is never used, since it
// answers with what a device once was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
    virtual ProbeResult probe(const std::string& path) = 0;
    // The table of the whole disk at `path`.
    virtual PartitionTable read_partitions(const std::string& path) = 0;
};

class BlkidProber final : public Prober {
  public:
    ProbeResult probe(const std::string& path) override;
    PartitionTable read_partitions(const std::string& path) override;

  private:
    // The disk probed last. The kernel forgets a disk's pages when nobody has it open any more, and
    // the partition table and the mount come right after the probe.
    Fd held_;
};

}  // namespace prologue
