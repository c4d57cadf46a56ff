// SPDX-License-Identifier: MIT
#include "stages/devices/btrfs.h"

#include <algorithm>
#include <utility>

#include "init/base/compose.h"

namespace prologue {
namespace {

struct Member {
    std::string path;
    std::string uuid, uuid_sub;
};

// Every device that has a btrfs on it. What lies below another device shows that one's content, and
// the upper one is the one to use.
Result<std::vector<Member>> all_members(BlockInventory& blocks, Prober& prober, Instant deadline) {
    std::vector<Member> members;
    const std::vector<BlockDevice> devices = TRY(blocks.scan());
    prober.begin_pass(devices.size(), deadline);
    for (const BlockDevice& device : devices) {
        if (!device.is_readable() || !blocks.holders(device.name).empty()) continue;
        const ProbeResult probe = prober.probe(device.path);
        if (probe.status != ProbeResult::Status::kFound) continue;
        const Signature& content = probe.signatures.front();
        if (content.fstype == "btrfs")
            members.push_back({device.path, content.uuid, content.uuid_sub});
    }
    return members;
}

// The devices of the filesystem that `path` belongs to, `path` first, each of them once.
std::vector<Member> members_of(const std::string& path, const std::vector<Member>& all) {
    std::vector<Member> members;
    const auto has_path = [&](const Member& one) { return one.path == path; };
    const auto first = std::find_if(all.begin(), all.end(), has_path);
    if (first == all.end()) return members;
    members.push_back(*first);
    for (const Member& one : all) {
        const auto is_same = [&](const Member& other) { return other.uuid_sub == one.uuid_sub; };
        if (one.uuid == first->uuid && std::none_of(members.begin(), members.end(), is_same))
            members.push_back(one);
    }
    return members;
}

std::vector<std::string> others(const std::vector<Member>& members) {
    std::vector<std::string> paths;
    for (std::size_t i = 1; i < members.size(); ++i) paths.push_back(members[i].path);
    return paths;
}

Error incomplete(const BtrfsSearch& search, std::uint64_t wanted,
                 const std::vector<Member>& members) {
    Error error =
        Error::timeout("mount", search.path,
                       compose("the btrfs has {} devices, and after {} {} of them are there",
                               std::to_string(wanted), format_duration(search.bound),
                               std::to_string(members.size())))
            .with_hint(
                "plug the others in; options=degraded mounts it without them "
                "where its profile allows that");
    for (const Member& member : members) {
        error->notes.push_back(compose("{}: UUID_SUB={}", member.path, member.uuid_sub));
    }
    return error;
}

}  // namespace

Result<std::vector<std::string>> find_btrfs_members(const BtrfsSearch& search,
                                                    BlockInventory& blocks, Prober& prober,
                                                    EventSource& events, UeventListener* listener) {
    const std::uint64_t wanted = prober.btrfs_devices(search.path);
    if (wanted < 2) return std::vector<std::string>();
    bool has_caught_up = false;
    for (;;) {
        const std::vector<Member> all = TRY(all_members(blocks, prober, search.deadline));
        const std::vector<Member> members = members_of(search.path, all);
        if (members.size() >= wanted || !search.wait) return others(members);
        if (listener != nullptr && !std::exchange(has_caught_up, true)) listener->rescan();
        const EventBatch batch = TRY(events.wait(search.deadline, prober.late_answers()));
        if (listener != nullptr) tell(*listener, batch);
        if (batch.timed_out) return fail(incomplete(search, wanted, members));
    }
}

}  // namespace prologue
