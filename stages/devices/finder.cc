// SPDX-License-Identifier: MIT
#include "stages/devices/finder.h"

#include <algorithm>
#include <utility>

#include "init/base/compose.h"
#include "stages/build.h"

namespace prologue {
namespace {

constexpr Literal kOp = "find";

Error refuse_ambivalent(const DeviceSpec& spec, const std::string& path, const std::string& note) {
    return Error::refused(kOp, spec.text, compose("{} has {}", path, note))
        .with_hint("erase what is not meant with 'wipefs', or name another device");
}

Error refuse_twins(const DeviceSpec& spec, const std::vector<const Candidate*>& matches) {
    std::string names;
    for (const Candidate* match : matches) {
        names += (names.empty() ? "" : " and ") + match->device.path;
    }
    Error error = Error::refused(kOp, spec.text, names + " answer to it")
                      .with_hint(
                          "one is a copy of the other: unplug it, give it a new identity, or "
                          "name the device by another form, such as PARTUUID=");
    for (const Candidate* match : matches) {
        error->notes.push_back(compose("{}: {}", match->device.path, match->note));
    }
    return error;
}

// Disks beside which another one may be the one that is looked for: where only one is read, or the chosen
// one alone, nobody is held up.
bool is_read_as_disk(const BlockDevice& device) {
    return device.kind == BlockDevice::Class::kDisk && device.disk.empty() && device.bytes != 0;
}

bool reads_content(const DeviceSpec& spec) {
    return spec.kind != DeviceSpec::Kind::kPath && spec.kind != DeviceSpec::Kind::kNumber;
}

std::vector<Candidate> evaluate_all(std::vector<BlockDevice> devices, Evaluator& evaluator) {
    std::vector<Candidate> candidates;
    for (BlockDevice& device : devices) {
        if (evaluator.is_candidate(device))
            candidates.push_back(evaluator.evaluate(std::move(device)));
    }
    return candidates;
}

bool is_partition_of(const BlockDevice& partition, const BlockDevice& disk) {
    return !partition.disk.empty() && partition.disk == disk.name;
}

}  // namespace

Result<Device> Finder::find(const DeviceSpec& spec, Instant deadline, bool want_type) {
    Evaluator evaluator(spec, blocks_, prober_);
    deadline_ = deadline;
    reads_content_ = reads_content(spec);
    TRY_VOID(rescan(evaluator));
    bool has_caught_up = listener_ == nullptr;
    for (;;) {
        const Candidate* found = TRY(decide(spec));
        if (found != nullptr) return finish(spec, *found, want_type);
        // What came after the last search and before this one nobody has heard. Only now: most
        // devices are there at the first look, and this one is at a hundred files.
        if (!std::exchange(has_caught_up, true)) listener_->rescan();
        // What was queued while a slow disk was read still counts after the deadline, once.
        const bool is_last = events_.now() >= deadline;
        const EventBatch batch = TRY(events_.wait(deadline, prober_.late_answers()));
        if (listener_ != nullptr) tell(*listener_, batch);
        if (batch.timed_out) break;
        TRY_VOID(apply(evaluator, batch));
        if (!is_last) continue;
        found = TRY(decide(spec));
        if (found != nullptr) return finish(spec, *found, want_type);
        break;
    }
    Error error = search_failed(spec, candidates_, bound_);
    if (listener_ != nullptr) listener_->explain(error);
    return fail(std::move(error));
}

void Finder::begin_reading(std::size_t disks) {
    prober_.begin_pass(reads_content_ ? disks : 1, deadline_);
}

Result<> Finder::rescan(Evaluator& evaluator) {
    candidates_.clear();
    TRY_VOID(evaluator.begin_pass());
    std::vector<BlockDevice> devices = TRY(blocks_.scan());
    begin_reading(
        static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), is_read_as_disk)));
    candidates_ = evaluate_all(std::move(devices), evaluator);
    return {};
}

Result<> Finder::apply(Evaluator& evaluator, const EventBatch& batch) {
    if (batch.overrun || batch.late_answer) return rescan(evaluator);

    // A device often sends several events in a row: it is looked at once, as it is now.
    std::vector<std::string> names;
    for (const Uevent& event : batch.events) {
        if (event.subsystem != "block") continue;
        std::string name(event.name());
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(std::move(name));
        }
    }
    if (names.empty()) return {};
    TRY_VOID(evaluator.begin_pass());
    begin_reading(candidates_.size() + names.size());
    for (const std::string& name : names) {
        std::erase_if(candidates_, [&](const Candidate& c) { return c.device.name == name; });
        auto device = blocks_.look_at(name);
        if (device && evaluator.is_candidate(*device)) {
            candidates_.push_back(evaluator.evaluate(std::move(*device)));
        }
    }
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return a.device.name < b.device.name; });
    return {};
}

// True when `other`, which answers as well, shows the same content and is the better one to use.
bool Finder::is_view_of(const Candidate& candidate, const Candidate& other) {
    const std::vector<std::string> holders = blocks_.holders(candidate.device.name);
    if (std::find(holders.begin(), holders.end(), other.device.name) != holders.end()) return true;

    if (!candidate.content || !other.content) return false;
    const Signature& mine = *candidate.content;
    const Signature& theirs = *other.content;
    if (mine.fstype != theirs.fstype || mine.uuid != theirs.uuid) return false;
    if (mine.fstype == "iso9660") return is_partition_of(candidate.device, other.device);
    return mine.fstype == "btrfs" && !mine.uuid_sub.empty() && !theirs.uuid_sub.empty() &&
           mine.uuid_sub != theirs.uuid_sub && other.device.name < candidate.device.name;
}

std::vector<const Candidate*> Finder::distinct_matches() {
    std::vector<const Candidate*> matches;
    for (const Candidate& candidate : candidates_) {
        if (candidate.verdict == Candidate::Verdict::kMatch) matches.push_back(&candidate);
    }
    if (matches.size() < 2) return matches;
    std::vector<const Candidate*> distinct;
    for (const Candidate* match : matches) {
        const bool is_view = std::any_of(
            matches.begin(), matches.end(),
            [&](const Candidate* other) { return other != match && is_view_of(*match, *other); });
        if (!is_view) distinct.push_back(match);
    }
    return distinct;
}

const Candidate* Finder::sibling(const Candidate& found, int offset) const {
    const BlockDevice& base = found.device;
    for (const Candidate& candidate : candidates_) {
        const BlockDevice& device = candidate.device;
        const bool is_it = device.disk == base.disk && device.partition == base.partition + offset;
        if (is_it && candidate.is_ready) return &candidate;
    }
    return nullptr;
}

Result<const Candidate*> Finder::decide(const DeviceSpec& spec) {
    const std::vector<const Candidate*> matches = distinct_matches();
    if (matches.size() > 1) return fail(refuse_twins(spec, matches));
    if (matches.empty()) return nullptr;
    if (spec.partition_offset == 0) return matches.front();
    return sibling(*matches.front(), spec.partition_offset);
}

Result<Device> Finder::finish(const DeviceSpec& spec, const Candidate& found, bool want_type) {
    Device device;
    device.path = found.device.path;
    device.number = found.device.number;
    device.diskseq = found.device.diskseq;
    // A node that the user named is the better name: /dev/mapper/plain rather than /dev/dm-0.
    if (spec.kind == DeviceSpec::Kind::kPath) {
        const auto number = blocks_.node_number(spec.value);
        if (number && *number) device.path = spec.value;
    }

    std::optional<Signature> content = found.content;
    if (!content && want_type) {
        const ProbeResult probe = prober_.probe(found.device.path);
        if (probe.status == ProbeResult::Status::kAmbivalent) {
            return fail(refuse_ambivalent(spec, device.path, describe_content(probe)));
        }
        if (probe.status == ProbeResult::Status::kUnreadable) {
            return fail(Error::system(kOp, probe.errnum, spec.text)
                            .with_detail("cannot read the superblock of " + device.path)
                            .with_hint("the disk may be failing: see the kernel's own messages"));
        }
        if (!probe.signatures.empty()) content = probe.signatures.front();
    }
    if (content) {
        device.fstype = content->fstype;
        device.uuid = content->uuid;
        device.label = content->label;
    }
    return device;
}

namespace {

constexpr std::size_t kNoteLimit = 32;

std::string note_of(const Candidate& candidate, const DeviceSpec& spec,
                    const std::vector<Candidate>& candidates) {
    const BlockDevice& device = candidate.device;
    std::string note = compose("{}: {}", device.path, candidate.note);
    const bool is_partitioned =
        std::any_of(candidates.begin(), candidates.end(),
                    [&](const Candidate& other) { return is_partition_of(other.device, device); });
    if (is_partitioned) note += " (it has partitions)";
    if (candidate.verdict == Candidate::Verdict::kMatch && spec.partition_offset != 0) {
        note += "; its disk has no partition " +
                std::to_string(device.partition + spec.partition_offset);
    }
    return note;
}

constexpr Pattern<1> kEncrypted =
    kHasDecrypt
        ? Pattern<1>(
              "{} is encrypted: if it holds this filesystem, a 'decrypt' line must come first")
        : Pattern<1>("{} is encrypted, and this program was built without the stage that opens it");

std::string hint_for(const DeviceSpec& spec, const std::vector<Candidate>& candidates) {
    if (candidates.empty()) {
        return "is a disk attached, and its driver on a 'modules' line? 'lspci -k' of a running "
               "system names the driver";
    }
    if (spec.kind == DeviceSpec::Kind::kUuid || spec.kind == DeviceSpec::Kind::kLabel) {
        for (const Candidate& candidate : candidates) {
            if (candidate.content && candidate.content->fstype == "crypto_LUKS") {
                return compose(kEncrypted, candidate.device.path);
            }
        }
    }
    for (const Candidate& candidate : candidates) {
        if (candidate.note.starts_with(kCannotBeRead)) {
            return candidate.device.path +
                   " may be the one, and failing: see the kernel's own messages";
        }
    }
    return "compare it with the devices above, or load the driver of the one that is missing";
}

}  // namespace

Error search_failed(const DeviceSpec& spec, const std::vector<Candidate>& candidates,
                    Duration bound) {
    for (const Candidate& candidate : candidates) {
        if (candidate.verdict == Candidate::Verdict::kAmbivalent) {
            return refuse_ambivalent(spec, candidate.device.path, candidate.note);
        }
    }
    Error error = Error::timeout(kOp, spec.text, "timed out after " + format_duration(bound))
                      .with_hint(hint_for(spec, candidates));
    if (candidates.empty()) error->notes.emplace_back("no block devices at all");
    for (const Candidate& candidate : candidates) {
        if (error->notes.size() == kNoteLimit) {
            const std::size_t rest = candidates.size() - kNoteLimit;
            error->notes.push_back(compose("and {} more", std::to_string(rest)));
            break;
        }
        error->notes.push_back(note_of(candidate, spec, candidates));
    }
    return error;
}

namespace {

constexpr std::size_t kMaxRootWords = 3;

bool can_be_root(const Signature& content) {
    return !content.uuid.empty() &&
           (content.usage == "filesystem" || content.fstype == "crypto_LUKS");
}

}  // namespace

DeviceSurvey survey_devices(BlockInventory& blocks, Prober& prober, Instant deadline) {
    DeviceSurvey survey;
    DeviceSpec any;  // no content answers to it, so that each candidate is told by its own
    any.kind = DeviceSpec::Kind::kUuid;
    Evaluator evaluator(any, blocks, prober);
    Result<std::vector<BlockDevice>> devices = blocks.scan();
    if (!devices) return survey;
    prober.begin_survey(devices->size(), deadline);
    const std::vector<Candidate> candidates = evaluate_all(std::move(*devices), evaluator);
    std::size_t words = 0;
    for (const Candidate& candidate : candidates) {
        if (survey.notes.size() < kNoteLimit)
            survey.notes.push_back(note_of(candidate, any, candidates));
        if (!candidate.content || !can_be_root(*candidate.content)) continue;
        if (++words > kMaxRootWords) continue;
        survey.root_words += compose(
            "{}{} ({}, {})", words == 1 ? "root=UUID=" : ", root=UUID=", candidate.content->uuid,
            candidate.device.path, candidate.content->fstype);
    }
    if (candidates.empty()) survey.notes.emplace_back("no block devices at all");
    return survey;
}

}  // namespace prologue
