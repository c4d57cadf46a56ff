// SPDX-License-Identifier: MIT
// The devices of a btrfs that spans several.
#include "stages/devices/btrfs.h"

#include "tests/unit/finder_machine.h"
#include "tests/unit/test.h"

namespace prologue::finder_tests {
namespace {

FakeDisk member(const std::string& name, unsigned number, const std::string& uuid,
                const std::string& uuid_sub) {
    FakeDisk one = with_signature(disk(name, number), "btrfs", uuid);
    one.content.signatures.front().uuid_sub = uuid_sub;
    one.btrfs_devices = 3;
    return one;
}

// Two of three members, a twin below a mapping, another btrfs, and what is none.
Machine machine() {
    Machine made;
    made.disks = {member("vda", 0, kA, "a1"), member("vdb", 1, kB, "b1"),
                  with_signature(disk("vdc", 2), "ext4", kA), member("vdd", 3, kA, "a2"),
                  member("vde", 4, kA, "a1")};
    return made;
}

Result<std::vector<std::string>> members(Machine& made, bool wait) {
    return find_btrfs_members({"/dev/vda", wait, seconds(10), Duration(10'000)}, made, made, made);
}

}  // namespace

TEST_CASE("btrfs: one device needs no look at the others") {
    Machine made = machine();
    made.disks[0].btrfs_devices = 1;
    const auto found = members(made, true);
    REQUIRE_OK(found);
    CHECK(found->empty());
    CHECK(made.probed.empty());
}

TEST_CASE("btrfs: the member that comes late is waited for") {
    Machine made = machine();
    made.changes = {{seconds(3), {member("vdf", 5, kA, "a3")}, {}, {event("add", "vdf")}}};
    const auto found = members(made, true);
    REQUIRE_OK(found);
    CHECK(*found == std::vector<std::string>{"/dev/vdd", "/dev/vdf"});
    CHECK(made.clock == seconds(3));
}

TEST_CASE("btrfs: a member that does not answer in time is waited for, and holds up no other") {
    Machine made = machine();
    made.disks[3].content = {ProbeResult::Status::kUnreadable, {}, ETIMEDOUT};
    Machine::Change change{
        seconds(3), {member("vdd", 3, kA, "a2"), member("vdf", 5, kA, "a3")}, {}, {}};
    change.late_answer = true;
    made.changes.push_back(change);
    const auto found = members(made, true);
    REQUIRE_OK(found);
    CHECK(*found == std::vector<std::string>{"/dev/vdd", "/dev/vdf"});
    CHECK(made.late_waited_for == made.late_answers());
    CHECK(made.passes == std::vector<std::size_t>{5, 6});
}

TEST_CASE("btrfs: what is missing at the deadline is told, with what is there") {
    Machine made = machine();
    const auto found = members(made, true);
    REQUIRE(!found.has_value());
    CHECK(found.error()->kind == ErrorKind::kTimeout);
    CHECK(describe(found.error()) ==
          "mount /dev/vda: the btrfs has 3 devices, and after 10 s 2 of them are there");
    CHECK(joined_notes(found.error()) == "/dev/vda: UUID_SUB=a1\n/dev/vdd: UUID_SUB=a2\n");
    CHECK(found.error()->hint.find("degraded") != std::string::npos);
}

TEST_CASE("btrfs: degraded takes what is there") {
    Machine made = machine();
    const auto found = members(made, false);
    REQUIRE_OK(found);
    CHECK(*found == std::vector<std::string>{"/dev/vdd"});
}

TEST_CASE("btrfs: a device below another one is left to that one") {
    Machine made = machine();
    made.disks[3].holders = {"dm-0"};
    made.disks.push_back(member("dm-0", 6, kA, "a2"));
    const auto found = members(made, false);
    REQUIRE_OK(found);
    CHECK(*found == std::vector<std::string>{"/dev/dm-0"});
}

}  // namespace prologue::finder_tests
