// SPDX-License-Identifier: MIT
// A made-up machine for the finder's tests: devices come and go at given times of a made-up clock.
#pragma once

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/sysmacros.h>

#include "stages/devices/finder.h"

namespace prologue::finder_tests {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct FakeDisk {
    BlockDevice device;
    ProbeResult content;
    PartitionTable table;
    std::vector<std::string> holders;
    bool has_node = true;
    std::uint64_t btrfs_devices = 0;
};

class Machine final : public BlockInventory, public Prober, public EventSource {
  public:
    // What happens at a time: the machine changes, then the events arrive.
    struct Change {
        Instant when;
        std::vector<FakeDisk> plugged;
        std::vector<std::string> unplugged;
        std::vector<Uevent> events;
        bool overrun = false;
        bool late_answer = false;
    };

    std::vector<FakeDisk> disks;
    std::vector<Change> changes;
    std::vector<std::pair<std::string, dev_t>> nodes;  // further nodes in /dev
    std::vector<std::string> looked_at, probed, tables_read;
    std::vector<std::size_t> passes;  // how many disks each was said to have
    int scans = 0, late_waited_for = 0;
    Instant clock{};

    Result<std::vector<BlockDevice>> scan() override {
        ++scans;
        std::vector<BlockDevice> devices;
        for (const FakeDisk& disk : disks) devices.push_back(disk.device);
        return devices;
    }
    std::optional<BlockDevice> look_at(const std::string& name) override {
        looked_at.push_back(name);
        const FakeDisk* disk = named(name);
        return disk != nullptr ? std::optional(disk->device) : std::nullopt;
    }
    std::vector<std::string> holders(const std::string& name) override {
        const FakeDisk* disk = named(name);
        return disk != nullptr ? disk->holders : std::vector<std::string>{};
    }
    std::vector<std::string> below(const std::string& name) override {
        const FakeDisk* disk = named(name);
        if (disk != nullptr && !disk->device.disk.empty()) return {disk->device.disk};
        std::vector<std::string> names;
        for (const FakeDisk& other : disks) {
            const auto& on = other.holders;
            if (std::find(on.begin(), on.end(), name) != on.end())
                names.push_back(other.device.name);
        }
        return names;
    }
    std::vector<std::string> partitions(const std::string& disk) override {
        std::vector<std::string> names;
        for (const FakeDisk& other : disks) {
            if (other.device.disk == disk) names.push_back(other.device.name);
        }
        return names;
    }
    Result<std::string> name_of(dev_t number) override {
        for (const FakeDisk& disk : disks) {
            if (disk.device.number == number) return disk.device.name;
        }
        return std::string{};
    }
    Result<std::optional<dev_t>> node_number(const std::string& path) override {
        if (path == "/dev/null") return fail(Error::refused("find", path, "not a block device"));
        for (const FakeDisk& disk : disks) {
            if (disk.has_node && disk.device.path == path) return std::optional(disk.device.number);
        }
        for (const auto& [node, number] : nodes) {
            if (node == path) return std::optional(number);
        }
        return std::optional<dev_t>{};
    }
    ProbeResult probe(const std::string& path) override {
        probed.push_back(path);
        for (const FakeDisk& disk : disks) {
            if (disk.device.path == path) return disk.content;
        }
        return {ProbeResult::Status::kUnreadable, {}, ENOENT};
    }
    PartitionTable read_partitions(const std::string& path) override {
        tables_read.push_back(path);
        for (const FakeDisk& disk : disks) {
            if (disk.device.path == path) return disk.table;
        }
        return {ENOENT, {}};
    }
    std::uint64_t btrfs_devices(const std::string& path) override {
        for (const FakeDisk& disk : disks) {
            if (disk.device.path == path) return disk.btrfs_devices;
        }
        return 0;
    }
    Instant now() override { return clock; }
    void begin_pass(std::size_t count, Instant) override { passes.push_back(count); }
    [[nodiscard]] int late_answers() const override { return 77; }
    Result<EventBatch> wait(Instant deadline, int late) override {
        late_waited_for = late;
        EventBatch batch;
        if (changes.empty() || changes.front().when > deadline) {
            REQUIRE(deadline != kNever);
            clock = deadline;
            batch.timed_out = true;
            return batch;
        }
        Change change = std::move(changes.front());
        changes.erase(changes.begin());
        clock = std::max(clock, change.when);
        for (const std::string& name : change.unplugged) {
            std::erase_if(disks, [&](const FakeDisk& d) { return d.device.name == name; });
        }
        for (FakeDisk& disk : change.plugged) {
            std::erase_if(disks,
                          [&](const FakeDisk& d) { return d.device.name == disk.device.name; });
            disks.push_back(std::move(disk));
        }
        batch.events = std::move(change.events);
        batch.overrun = change.overrun;
        batch.late_answer = change.late_answer;
        return batch;
    }

  private:
    const FakeDisk* named(std::string_view name) const {
        for (const FakeDisk& disk : disks) {
            if (disk.device.name == name) return &disk;
        }
        return nullptr;
    }
};

inline FakeDisk disk(const std::string& name, unsigned minor_number) {
    FakeDisk one;
    one.device.name = name;
    one.device.path = "/dev/" + name;
    one.device.number = makedev(254, minor_number);
    one.device.bytes = 1 << 20;
    return one;
}

inline FakeDisk with_signature(FakeDisk one, std::string type, std::string uuid,
                               std::string label = {}, std::string usage = "filesystem") {
    one.content.status = ProbeResult::Status::kFound;
    one.content.signatures.push_back(
        {std::move(type), std::move(uuid), {}, std::move(label), std::move(usage)});
    return one;
}

inline FakeDisk ambivalent(FakeDisk one, const std::string& uuid_a, const std::string& uuid_b) {
    one = with_signature(with_signature(std::move(one), "ext4", uuid_a), "xfs", uuid_b);
    one.content.status = ProbeResult::Status::kAmbivalent;
    return one;
}

inline FakeDisk unreadable(FakeDisk one, int errnum) {
    one.content = {ProbeResult::Status::kUnreadable, {}, errnum};
    return one;
}

inline FakeDisk partition(const std::string& of_disk, int number, unsigned minor_number) {
    FakeDisk one = disk(of_disk + std::to_string(number), minor_number);
    one.device.disk = of_disk;
    one.device.partition = number;
    return one;
}

inline Uevent event(std::string action, const std::string& name) {
    return {std::move(action), "/devices/x/block/" + name, "block", {}};
}

inline DeviceSpec spec(DeviceSpec::Kind kind, std::string value, std::string text) {
    DeviceSpec one;
    one.kind = kind;
    one.value = std::move(value);
    one.text = std::move(text);
    return one;
}
inline DeviceSpec by_uuid(const std::string& uuid) {
    return spec(DeviceSpec::Kind::kUuid, uuid, "UUID=" + uuid);
}
inline DeviceSpec by_label(const std::string& label) {
    return spec(DeviceSpec::Kind::kLabel, label, "LABEL=" + label);
}
inline DeviceSpec by_path(const std::string& path) {
    return spec(DeviceSpec::Kind::kPath, path, path);
}

inline constexpr const char* kA = "aaaaaaaa-0000-4000-8000-000000000001";
inline constexpr const char* kB = "bbbbbbbb-0000-4000-8000-000000000002";

inline Result<Device> find(Machine& machine, const DeviceSpec& what, bool want_type = false,
                           Instant deadline = seconds(10)) {
    return Finder(machine, machine, machine, Duration(10'000), nullptr)
        .find(what, deadline, want_type);
}

inline std::string joined_notes(const Error& error) {
    std::string text;
    for (const std::string& note : error->notes) text += note + "\n";
    return text;
}

}  // namespace prologue::finder_tests
