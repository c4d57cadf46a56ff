// SPDX-License-Identifier: MIT
// The finder: each kind of specification, and what it reads of a device.
#include "stages/devices/finder.h"

#include <cerrno>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/unit/finder_machine.h"

using namespace prologue;
using namespace prologue::finder_tests;

TEST_CASE("finder: contradicting signatures") {
    Machine machine;
    machine.disks = {ambivalent(disk("vda", 0), kA, kB)};
    SUBCASE("are refused when one of them is meant, but only at the deadline") {
        const auto found = find(machine, by_uuid(kA));
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error()->kind == ErrorKind::kRefused);
        CHECK(found.error()->detail.find("/dev/vda") != std::string::npos);
        CHECK(found.error()->hint.find("wipefs") != std::string::npos);
        CHECK(machine.clock == seconds(10));
    }
    SUBCASE("do not keep a clean device from being found") {
        machine.disks.push_back(with_signature(disk("vdb", 16), "ext4", kA));
        const auto found = find(machine, by_uuid(kA));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/vdb");
    }
    SUBCASE("do not keep a clean device that comes later from being found") {
        machine.changes.push_back({seconds(4),
                                   {with_signature(disk("vdb", 16), "ext4", kA)},
                                   {},
                                   {event("add", "vdb")},
                                   false});
        CHECK(find(machine, by_uuid(kA)).has_value());
    }
    SUBCASE("are refused at once on the device that is named by its path") {
        const auto found = find(machine, by_path("/dev/vda"), true);
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error()->kind == ErrorKind::kRefused);
        CHECK(machine.clock == Instant(0));
    }
    SUBCASE("do not matter where the type is not wanted") {
        CHECK(find(machine, by_path("/dev/vda")).has_value());
        CHECK(machine.probed.empty());
    }
}

TEST_CASE("finder: by path and number nothing is read but what is wanted") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "ext4", kA),
                     with_signature(disk("vdb", 16), "xfs", kB), disk("fd0", 90)};
    machine.disks[2].device.kind = BlockDevice::Class::kFloppy;
    SUBCASE("path") {
        CHECK(find(machine, by_path("/dev/vdb"))->fstype.empty());
        CHECK(machine.probed.empty());
    }
    SUBCASE("path with type") {
        CHECK(find(machine, by_path("/dev/vdb"), true)->fstype == "xfs");
        CHECK(machine.probed == std::vector<std::string>{"/dev/vdb"});
    }
    SUBCASE("number") {
        DeviceSpec what = spec(DeviceSpec::Kind::kNumber, "254:16", "254:16");
        what.major = 254;
        what.minor = 16;
        CHECK(find(machine, what)->path == "/dev/vdb");
    }
    SUBCASE("another name of the node") {
        machine.nodes = {{"/dev/mapper/plain", makedev(254, 16)}};
        const auto found = find(machine, by_path("/dev/mapper/plain"));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/mapper/plain");
        CHECK(found->number == makedev(254, 16));
    }
    SUBCASE("a device-mapper name without a node") {
        machine.disks[1].device.mapper_name = "plain";
        const auto found = find(machine, by_path("/dev/mapper/plain"));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/vdb");
    }
    SUBCASE("a floppy, when it is named") {
        CHECK(find(machine, by_path("/dev/fd0")).has_value());
    }
    SUBCASE("what is no block device is refused at once") {
        const auto found = find(machine, by_path("/dev/null"));
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error()->kind == ErrorKind::kRefused);
        CHECK(machine.clock == Instant(0));
    }
    SUBCASE("an I/O error on the device that was named") {
        machine.disks[0] = unreadable(disk("vda", 0), EIO);
        const auto found = find(machine, by_path("/dev/vda"), true);
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error()->errnum == EIO);
    }
    SUBCASE("no filesystem is no error") {
        machine.disks[0] = disk("vda", 0);
        const auto found = find(machine, by_path("/dev/vda"), true);
        REQUIRE(found.has_value());
        CHECK(found->fstype.empty());
    }
}

TEST_CASE("finder: a device-mapper device is ready when its table is live") {
    Machine machine;
    FakeDisk mapped = with_signature(disk("dm-0", 99), "ext4", kA);
    FakeDisk empty = mapped;
    empty.device.mapper_name = mapped.device.mapper_name = "plain";
    empty.device.bytes = 0;
    FakeDisk suspended = mapped;
    suspended.device.suspended = true;
    machine.disks = {empty};
    machine.changes.push_back({seconds(1), {suspended}, {}, {event("add", "dm-0")}, false});
    machine.changes.push_back({seconds(2), {mapped}, {}, {event("change", "dm-0")}, false});
    REQUIRE(find(machine, by_uuid(kA)).has_value());
    CHECK(machine.clock == seconds(2));
    CHECK(machine.probed.size() == 1);
}

TEST_CASE("finder: partitions") {
    Machine machine;
    FakeDisk whole = disk("vda", 0);
    whole.table.entries = {{1, "0d3f1a5c-0001-4b7e-9f60-5a2c7b1de001", "esp"},
                           {2, "0d3f1a5c-0002-4b7e-9f60-5a2c7b1de001",
                            "\xd1\x80\xd0\xb0\xd0\xb7\xd0\xb4\xd0\xb5\xd0\xbb"}};
    machine.disks = {whole, partition("vda", 1, 1),
                     with_signature(partition("vda", 2, 2), "ext4", kA)};
    DeviceSpec what = spec(DeviceSpec::Kind::kPartUuid, whole.table.entries[0].uuid, "PARTUUID=1");
    SUBCASE("PARTUUID reads the table once and no superblock") {
        CHECK(find(machine, what)->path == "/dev/vda1");
        CHECK(machine.tables_read.size() == 1);
        CHECK(machine.probed.empty());
    }
    SUBCASE("PARTUUID as the kernel gives it reads nothing") {
        machine.disks[1].device.part_uuid = whole.table.entries[0].uuid;
        machine.disks[2].device.part_uuid = whole.table.entries[1].uuid;
        CHECK(find(machine, what)->path == "/dev/vda1");
        CHECK(machine.tables_read.empty());
    }
    SUBCASE("PARTNROFF is another partition of the same disk") {
        what.partition_offset = 1;
        const auto found = find(machine, what, true);
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/vda2");
        CHECK(found->fstype == "ext4");
    }
    SUBCASE("PARTNROFF to nowhere") {
        what.partition_offset = 5;
        const auto found = find(machine, what);
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error()->kind == ErrorKind::kTimeout);
        CHECK(joined_notes(found.error()).find("its disk has no partition 6") != std::string::npos);
    }
    SUBCASE("PARTLABEL in any script, whatever the kernel made of it") {
        machine.disks[1].device.part_name = "esp";
        machine.disks[2].device.part_name = "@045;";
        const auto& name = whole.table.entries[1].name;
        CHECK(find(machine, spec(DeviceSpec::Kind::kPartLabel, name, "x"))->path == "/dev/vda2");
    }
    SUBCASE("PARTLABEL: the kernel's seven bits do not answer for another name") {
        machine.disks[2].device.part_name = "@045;";
        CHECK_FALSE(find(machine, spec(DeviceSpec::Kind::kPartLabel, "@045;", "x")).has_value());
    }
    SUBCASE("a table that cannot be read is a note") {
        machine.disks[0].table = {EIO, {}};
        const auto found = find(machine, what);
        REQUIRE_FALSE(found.has_value());
        CHECK(joined_notes(found.error()).find("/dev/vda1: partition table cannot be read") !=
              std::string::npos);
    }
}
