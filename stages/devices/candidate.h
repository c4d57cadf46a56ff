// SPDX-License-Identifier: MIT
// One device against one specification: does it answer, and if not, what is it instead?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stages/device_spec.h"
#include "stages/devices/block_scan.h"
#include "stages/devices/prober.h"

namespace prologue {

// How the note on a device begins that gives errors instead of data.
inline constexpr std::string_view kCannotBeRead = "cannot be read: ";

struct Candidate {
    enum class Verdict : std::uint8_t {
        kOther,  // not the one; `note` says what it is
        kMatch,
        kAmbivalent,  // one of several signatures that contradict each other answers
    };
    BlockDevice device;
    Verdict verdict = Verdict::kOther;
    bool is_ready = false;             // it has a node in /dev and something behind it
    std::string note;                  // without the path: "ext4, UUID=…, label 'x'"
    std::optional<Signature> content;  // the one signature, where it was looked for and found
};

// "ext4, UUID=…, label 'x'": for notes. Control characters are shown as '?'.
std::string describe_content(const ProbeResult& probe);

// Reads no more of a device than the kind of the specification needs: for a path or a number
// nothing, for a partition's identity only partition tables, one for each disk and pass.
class Evaluator {
  public:
    Evaluator(const DeviceSpec& spec, BlockInventory& blocks, Prober& prober)
        : spec_(spec), blocks_(blocks), prober_(prober) {}

    // Before devices are looked at: what was cached or resolved may be old. Fails with kRefused
    // when the specification's path is something that can never be a block device.
    Result<> begin_pass();
    Candidate evaluate(BlockDevice device);

    // False for devices that neither can be meant nor are worth a note.
    [[nodiscard]] bool is_candidate(const BlockDevice& device) const;

  private:
    bool answers_by_place(const BlockDevice& device) const;
    // Why the device cannot be used yet; empty when it can.
    std::string reason_to_wait(const BlockDevice& device);
    void judge_content(Candidate& candidate);
    void judge_partition(Candidate& candidate);
    bool node_is_there(const BlockDevice& device);
    bool could_be_partition(const BlockDevice& device) const;
    const PartitionTable& table_of(const std::string& disk);

    const DeviceSpec& spec_;
    BlockInventory& blocks_;
    Prober& prober_;
    std::optional<dev_t> path_number_;
    std::vector<std::pair<std::string, PartitionTable>> tables_;
};

}  // namespace prologue
