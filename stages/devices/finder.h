// SPDX-License-Identifier: MIT
// The search for one device: scan what is there, then wait for events until one device answers or
// the deadline passes. The caller has opened the event source before.
//
// Rules of the decision, in this order:
// 1. One pass looks at every device that is present before anything is decided, so that two which
//    answer are seen. When two do, the search is refused and both are named, except where they are
//    views of one content: a device and what is stacked on it (verity, multipath: the upper one
//    counts), a hybrid ISO image and its own partition (the disk counts), members of one btrfs (the
//    first counts; it brings in the others).
// 2. A device with contradicting signatures never answers. If one of them is what was asked for, and
//    no clean device answers by the deadline, the search is refused instead of timing out.
// 3. Where the type is wanted, the chosen device alone is probed for it. Contradicting signatures
//    are refused at once then, because that device is certainly the one that was meant.
// 4. A disk that does not answer holds up nobody for long: another one that answers is used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stages/device.h"
#include "stages/devices/block_scan.h"
#include "stages/devices/candidate.h"
#include "stages/devices/prober.h"
#include "stages/devices/uevent.h"

namespace prologue {

class Finder {
  public:
    // `bound` is the time that the whole stage has, which is what a person has written and is told
    // when it is over; part of it has passed when the search begins. `listener` may be null.
    Finder(BlockInventory& blocks, Prober& prober, EventSource& events, Duration bound,
           UeventListener* listener)
        : blocks_(blocks), prober_(prober), events_(events), bound_(bound), listener_(listener) {}

    Result<Device> find(const DeviceSpec& spec, Instant deadline, bool want_type);

  private:
    using Candidates = std::vector<Candidate>;

    void begin_reading(std::size_t disks);
    Result<> rescan(Evaluator& evaluator);
    Result<> apply(Evaluator& evaluator, const EventBatch& batch);
    // The device to use; null when there is none yet.
    Result<const Candidate*> decide(const DeviceSpec& spec);
    std::vector<const Candidate*> distinct_matches();
    bool is_view_of(const Candidate& candidate, const Candidate& other);
    const Candidate* sibling(const Candidate& found, int offset) const;
    Result<Device> finish(const DeviceSpec& spec, const Candidate& found, bool want_type);

    BlockInventory& blocks_;
    Prober& prober_;
    EventSource& events_;
    Duration bound_;
    UeventListener* listener_;
    Candidates candidates_;
    Instant deadline_{0};
    bool reads_content_ = false;  // of other devices than the one that is named
};

// For a person: every device by its content, as far as it answers well before `deadline`.
DeviceSurvey survey_devices(BlockInventory& blocks, Prober& prober, Instant deadline);

// The error of a search that came to nothing within `bound`, with a note for each candidate.
Error search_failed(const DeviceSpec& spec, const std::vector<Candidate>& candidates,
                    Duration bound);

}  // namespace prologue
