// SPDX-License-Identifier: MIT
#include "stages/devices/candidate.h"

#include <cerrno>

#include <sys/sysmacros.h>

#include "config/utf8.h"
#include "init/base/compose.h"
#include "init/base/device_number.h"

namespace prologue {
namespace {

using Kind = DeviceSpec::Kind;
using Verdict = Candidate::Verdict;

constexpr std::string_view kMapperDirectory = "/dev/mapper/";

// Labels are foreign bytes, and as long as somebody has made them.
std::string printable(std::string_view text) {
    return config::printable(text.substr(0, 128));
}

std::string describe_reading(int errnum) {
    if (errnum == ENOMEDIUM) return "no medium";
    if (errnum == EBUSY) return "busy";
    if (errnum == ETIMEDOUT) return "does not answer";
    if (errnum == ENOENT || errnum == ENXIO) return "no device behind its node in /dev (yet)";
    return std::string(kCannotBeRead) + describe_errno(errnum);
}

std::string describe_signature(const Signature& signature) {
    std::string text = signature.fstype;
    if (!signature.uuid.empty()) text += ", UUID=" + printable(signature.uuid);
    if (!signature.label.empty()) text += compose(", label '{}'", printable(signature.label));
    return text;
}

bool is_ascii(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    }
    return true;
}

bool answers(const DeviceSpec& spec, const Signature& signature) {
    // A member of a RAID or of a volume group carries the identity of the whole, not of a
    // filesystem that could be mounted from here.
    if (signature.usage == "raid") return false;
    const std::string& text = spec.kind == Kind::kUuid ? signature.uuid : signature.label;
    return !text.empty() && spec.matches_text(text);
}

}  // namespace

std::string describe_content(const ProbeResult& probe) {
    switch (probe.status) {
        case ProbeResult::Status::kUnreadable: return describe_reading(probe.errnum);
        case ProbeResult::Status::kNothing: return "no filesystem found";
        case ProbeResult::Status::kFound:
        case ProbeResult::Status::kAmbivalent: break;
    }
    if (probe.status == ProbeResult::Status::kFound && !probe.signatures.empty()) {
        return describe_signature(probe.signatures.front());
    }
    std::string text = "contradicting signatures";
    const char* separator = ": ";
    for (const Signature& signature : probe.signatures) {
        text += separator + describe_signature(signature);
        separator = "; ";
    }
    return text;
}

Result<> Evaluator::begin_pass() {
    tables_.clear();
    if (spec_.kind == Kind::kPath) path_number_ = TRY(blocks_.node_number(spec_.value));
    return {};
}

bool Evaluator::is_candidate(const BlockDevice& device) const {
    return device.kind == BlockDevice::Class::kDisk || answers_by_place(device);
}

bool Evaluator::answers_by_place(const BlockDevice& device) const {
    if (spec_.kind == Kind::kNumber) return device.number == makedev(spec_.major, spec_.minor);
    if (spec_.kind != Kind::kPath) return false;
    if (path_number_) return device.number == *path_number_;
    // Without udev nobody may have made the node of a device-mapper device under its own name.
    const std::string_view path = spec_.value;
    return path.starts_with(kMapperDirectory) && !device.mapper_name.empty() &&
           path.substr(kMapperDirectory.size()) == device.mapper_name;
}

bool Evaluator::node_is_there(const BlockDevice& device) {
    const auto number = blocks_.node_number(device.path);
    return number && *number && **number == device.number;
}

std::string Evaluator::reason_to_wait(const BlockDevice& device) {
    if (device.suspended) return "suspended";
    if (device.bytes == 0) return device.mapper_name.empty() ? "no medium" : "no table loaded yet";
    // sysfs knows a device before devtmpfs makes its node; the event that follows both brings us
    // back here.
    return node_is_there(device) ? "" : "no node in /dev";
}

Candidate Evaluator::evaluate(BlockDevice device) {
    Candidate candidate;
    candidate.device = std::move(device);
    candidate.note = reason_to_wait(candidate.device);
    candidate.is_ready = candidate.note.empty();
    if (!candidate.is_ready) return candidate;

    switch (spec_.kind) {
        case Kind::kUuid:
        case Kind::kLabel: judge_content(candidate); break;
        case Kind::kPartUuid:
        case Kind::kPartLabel: judge_partition(candidate); break;
        case Kind::kPath:
        case Kind::kNumber:
            candidate.note = device_number_text(candidate.device.number);
            if (answers_by_place(candidate.device)) candidate.verdict = Verdict::kMatch;
            break;
    }
    return candidate;
}

void Evaluator::judge_content(Candidate& candidate) {
    const ProbeResult probe = prober_.probe(candidate.device.path);
    candidate.note = describe_content(probe);
    for (const Signature& signature : probe.signatures) {
        if (!answers(spec_, signature)) continue;
        const bool is_clear = probe.status == ProbeResult::Status::kFound;
        candidate.verdict = is_clear ? Verdict::kMatch : Verdict::kAmbivalent;
    }
    if (probe.status == ProbeResult::Status::kFound && !probe.signatures.empty()) {
        candidate.content = probe.signatures.front();
    }
}

bool Evaluator::could_be_partition(const BlockDevice& device) const {
    // The kernel keeps the low seven bits of each character of a name: an equal name may be another
    // one, but a name of ASCII characters that differs cannot be ours.
    if (spec_.kind != Kind::kPartLabel || device.part_name.empty()) return true;
    return !is_ascii(spec_.value) || device.part_name == spec_.value;
}

void Evaluator::judge_partition(Candidate& candidate) {
    const BlockDevice& device = candidate.device;
    if (device.disk.empty()) {
        candidate.note = "a whole disk";
        return;
    }
    std::string uuid = device.part_uuid;
    std::string name = device.part_name;
    const bool kernel_knows = spec_.kind == Kind::kPartUuid && !uuid.empty();
    if (!kernel_knows && could_be_partition(device)) {
        const PartitionTable& table = table_of(device.disk);
        if (table.errnum != 0) {
            candidate.note = "partition table " + describe_reading(table.errnum);
            return;
        }
        for (const PartitionEntry& entry : table.entries) {
            if (entry.number != device.partition) continue;
            uuid = entry.uuid;
            name = entry.name;
            break;
        }
    }
    const std::string& text = spec_.kind == Kind::kPartUuid ? uuid : name;
    if (!text.empty() && spec_.matches_text(text)) candidate.verdict = Verdict::kMatch;
    candidate.note = uuid.empty() ? "a partition" : "PARTUUID=" + uuid;
    if (!name.empty()) candidate.note += compose(", name '{}'", printable(name));
}

const PartitionTable& Evaluator::table_of(const std::string& disk) {
    for (const auto& [name, table] : tables_) {
        if (name == disk) return table;
    }
    // Nothing else is asked about the disk: what sysfs says of it costs as much as reading the table.
    return tables_.emplace_back(disk, prober_.read_partitions(node_path(disk))).second;
}

}  // namespace prologue
