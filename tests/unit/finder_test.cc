// SPDX-License-Identifier: MIT
// The finder: waiting, twins, and what is said when nothing is found.
#include "stages/devices/finder.h"

#include <cerrno>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/unit/finder_machine.h"

using namespace prologue;
using namespace prologue::finder_tests;

TEST_CASE("finder: a filesystem that is there already") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "ext4", kA, "root"),
                     with_signature(disk("vdb", 16), "xfs", kB)};
    machine.disks[0].device.diskseq = 9;
    const auto found = find(machine, by_uuid(kA));
    REQUIRE(found.has_value());
    CHECK(found->path == "/dev/vda");
    CHECK(found->number == makedev(254, 0));
    CHECK(found->diskseq == 9);
    CHECK(found->fstype == "ext4");
    CHECK(found->uuid == kA);
    CHECK(found->label == "root");
    CHECK(machine.probed.size() == 2);  // all that is present, once
    CHECK(machine.clock == Instant(0));
}

TEST_CASE("finder: two that answer are refused and both named") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "ext4", kA),
                     with_signature(disk("vdb", 16), "ext4", kA)};
    const auto found = find(machine, by_uuid(kA));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error()->kind == ErrorKind::kRefused);
    CHECK(found.error()->detail == "/dev/vda and /dev/vdb answer to it");
    CHECK(found.error()->notes.size() == 2);
    CHECK_FALSE(found.error()->hint.empty());
}

TEST_CASE("finder: views of one content are no twins") {
    Machine machine;
    SUBCASE("the upper one of a stack counts") {
        machine.disks = {with_signature(disk("dm-0", 99), "ext4", kA),
                         with_signature(disk("vda", 0), "ext4", kA)};
        machine.disks[1].holders = {"dm-0"};
        const auto found = find(machine, by_uuid(kA));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/dm-0");
    }
    SUBCASE("a hybrid ISO image: the disk counts") {
        machine.disks = {
            with_signature(disk("sda", 0), "iso9660", "2024-01-01-00-00-00-00", "LIVE"),
            with_signature(partition("sda", 1, 1), "iso9660", "2024-01-01-00-00-00-00", "LIVE")};
        const auto found = find(machine, by_label("LIVE"));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/sda");
    }
    SUBCASE("members of one btrfs: the first counts") {
        machine.disks = {with_signature(disk("vda", 0), "btrfs", kA),
                         with_signature(disk("vdb", 16), "btrfs", kA)};
        machine.disks[0].content.signatures[0].uuid_sub = "sub-1";
        machine.disks[1].content.signatures[0].uuid_sub = "sub-2";
        const auto found = find(machine, by_uuid(kA));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/vda");
    }
    SUBCASE("but a copy of a btrfs is one") {
        machine.disks = {with_signature(disk("vda", 0), "btrfs", kA),
                         with_signature(disk("vdb", 16), "btrfs", kA)};
        for (FakeDisk& one : machine.disks) one.content.signatures[0].uuid_sub = "sub-1";
        CHECK_FALSE(find(machine, by_uuid(kA)).has_value());
    }
}

TEST_CASE("finder: members of a RAID do not answer, a LUKS container does") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "linux_raid_member", kA, "host:0", "raid"),
                     with_signature(disk("vdb", 16), "crypto_LUKS", kB, "", "crypto")};
    CHECK(find(machine, by_uuid(kB)).has_value());
    const auto member = find(machine, by_uuid(kA));
    REQUIRE_FALSE(member.has_value());
    CHECK(joined_notes(member.error()).find("linux_raid_member") != std::string::npos);
}

TEST_CASE("finder: a device that comes late") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "ext4", kB)};
    machine.changes.push_back(
        {seconds(3), {}, {}, {{"add", "/devices/x/net/eth0", "net", {}}}, false});
    machine.changes.push_back({seconds(5),
                               {with_signature(disk("vdb", 16), "ext4", kA)},
                               {},
                               {event("add", "vdb"), event("change", "vdb")},
                               false});
    const auto found = find(machine, by_uuid(kA));
    REQUIRE(found.has_value());
    CHECK(found->path == "/dev/vdb");
    CHECK(machine.clock == seconds(5));
    CHECK(machine.scans == 1);
    CHECK(machine.probed == std::vector<std::string>{"/dev/vda", "/dev/vdb"});
}

TEST_CASE("finder: the node of a device comes after its place in sysfs") {
    Machine machine;
    FakeDisk late = with_signature(disk("vda", 0), "ext4", kA);
    late.has_node = false;
    machine.disks = {late};
    late.has_node = true;
    machine.changes.push_back({milliseconds(1), {late}, {}, {event("add", "vda")}, false});
    SUBCASE("UUID") {
        CHECK(find(machine, by_uuid(kA)).has_value());
    }
    SUBCASE("path") {
        CHECK(find(machine, by_path("/dev/vda")).has_value());
    }
    CHECK(machine.clock == milliseconds(1));
}

TEST_CASE("finder: a device that is pulled out does not count any more") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "ext4", kB)};
    machine.changes.push_back({seconds(2), {}, {"vda"}, {event("remove", "vda")}, false});
    const auto found = find(machine, by_uuid(kA));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error()->notes == std::vector<std::string>{"no block devices at all"});
    CHECK(found.error()->hint.find("modules") != std::string::npos);
}

TEST_CASE("finder: after an overrun everything is looked at again") {
    Machine machine;
    machine.changes.push_back(
        {seconds(1), {with_signature(disk("vdc", 32), "ext4", kA)}, {}, {}, true});
    const auto found = find(machine, by_uuid(kA));
    REQUIRE(found.has_value());
    CHECK(found->path == "/dev/vdc");
    CHECK(machine.scans == 2);
}

TEST_CASE("finder: a disk that does not answer holds up no other one, and may answer late") {
    Machine machine;
    FakeDisk silent = disk("vda", 0);
    silent.content = {ProbeResult::Status::kUnreadable, {}, ETIMEDOUT};
    machine.disks = {silent, with_signature(disk("vdb", 16), "ext4", kB)};
    SUBCASE("another one is found") {
        CHECK(find(machine, by_uuid(kB)).has_value());
        CHECK(machine.passes == std::vector<std::size_t>{2});
    }
    SUBCASE("it is named") {
        const auto found = find(machine, by_uuid(kA));
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error()->notes.front() == "/dev/vda: does not answer");
    }
    SUBCASE("it answers late") {
        Machine::Change change{seconds(4), {with_signature(disk("vda", 0), "ext4", kA)}, {}, {}};
        change.late_answer = true;
        machine.changes.push_back(change);
        const auto found = find(machine, by_uuid(kA));
        REQUIRE(found.has_value());
        CHECK(found->path == "/dev/vda");
        CHECK(machine.late_waited_for == machine.late_answers());
    }
    SUBCASE("where a device is named no other one is read") {
        CHECK(find(machine, by_path("/dev/vdb")).has_value());
        CHECK(machine.passes == std::vector<std::size_t>{1});
    }
}

TEST_CASE("finder: at the deadline there is a note for each candidate") {
    Machine machine;
    machine.disks = {unreadable(disk("sr0", 70), ENOMEDIUM),
                     with_signature(disk("vda", 0), "ext4", kB, "a\x1b[2J"),
                     disk("vdb", 16),
                     unreadable(disk("vdc", 32), EIO),
                     ambivalent(disk("vdd", 48), kB, kB),
                     disk("vde", 64)};
    machine.disks[5].device.bytes = 0;
    machine.clock = milliseconds(3);
    const auto found = find(machine, by_uuid(kA));
    REQUIRE_FALSE(found.has_value());
    const Error& error = found.error();
    CHECK(error->kind == ErrorKind::kTimeout);
    CHECK(describe(error) == "find UUID=" + std::string(kA) + ": timed out after 10 s");
    CHECK(joined_notes(error) ==
          "/dev/sr0: no medium\n"
          "/dev/vda: ext4, UUID=" +
              std::string(kB) +
              ", label 'a?[2J'\n"
              "/dev/vdb: no filesystem found\n"
              "/dev/vdc: cannot be read: " +
              describe_errno(EIO) +
              "\n"
              "/dev/vdd: contradicting signatures: ext4, UUID=" +
              kB + "; xfs, UUID=" + kB +
              "\n"
              "/dev/vde: no medium\n");
    CHECK(machine.clock == seconds(10));
}

TEST_CASE("finder: many candidates give a bounded list") {
    Machine machine;
    for (unsigned i = 0; i < 50; ++i) machine.disks.push_back(disk("d" + std::to_string(i), i));
    const auto found = find(machine, by_uuid(kA));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error()->notes.size() == 33);
    CHECK(found.error()->notes.back() == "and 18 more");
}

TEST_CASE("finder: an encrypted candidate is what the hint speaks of") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "crypto_LUKS", kB, "", "crypto")};
    const auto found = find(machine, by_uuid(kA));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error()->hint.find("decrypt") != std::string::npos);
}
TEST_CASE("finder: a deadline that has passed still looks once") {
    Machine machine;
    machine.disks = {with_signature(disk("vda", 0), "ext4", kA)};
    machine.clock = seconds(20);
    CHECK(find(machine, by_uuid(kA)).has_value());
    CHECK_FALSE(find(machine, by_uuid(kB)).has_value());
}

TEST_CASE("finder: other events reach the listener") {
    class Listener final : public UeventListener {
      public:
        std::string heard;
        void on_event(const Uevent& one) override { heard += one.modalias + ";"; }
        void rescan() override { heard += "rescan;"; }
        void explain(Error& error) override { error->notes.emplace_back("heard " + heard); }
    } listener;
    Machine machine;
    machine.changes.push_back(
        {seconds(1), {}, {}, {{"add", "/devices/y", "pci", "pci:v1"}}, false});
    machine.changes.push_back({seconds(2), {}, {}, {}, true});
    const auto found = Finder(machine, machine, machine, Duration(5'000), &listener)
                           .find(by_uuid(kA), seconds(5), false);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error()->notes.back() == "heard rescan;pci:v1;rescan;");
}
