// SPDX-License-Identifier: MIT
// Which hibernation images lie on the disk that is to be written.
#include "stages/devices/hibernation.h"

#include "tests/unit/finder_machine.h"
#include "tests/unit/test.h"

namespace prologue::finder_tests {
namespace {

FakeDisk device(const std::string& name, unsigned number, const std::string& disk,
                const std::string& type, std::vector<std::string> holders = {}) {
    FakeDisk one;
    one.device.name = name;
    one.device.path = "/dev/" + name;
    one.device.number = makedev(8, number);
    one.device.bytes = 1 << 20;
    one.device.disk = disk;
    one.device.partition = disk.empty() ? 0 : 1;
    one.holders = std::move(holders);
    if (!type.empty()) {
        one.content.status = ProbeResult::Status::kFound;
        one.content.signatures.push_back({type, "", "", "", "other"});
    }
    return one;
}

// sda: a root and a hibernated swap. sdb: another hibernated swap. sdc: a container with root and
// hibernated swap inside, each a device of its own.
Machine machine() {
    Machine made;
    made.disks = {
        device("dm-0", 100, "", "LVM2_member", {"dm-1", "dm-2"}),
        device("dm-1", 101, "", "ext4"),
        device("dm-2", 102, "", "swsuspend"),
        device("sda", 0, "", ""),
        device("sda1", 1, "sda", "ext4"),
        device("sda2", 2, "sda", "swsuspend"),
        device("sda3", 3, "sda", "swap"),
        device("sdb", 16, "", ""),
        device("sdb1", 17, "sdb", "swsuspend"),
        device("sdc", 32, "", ""),
        device("sdc1", 33, "sdc", "crypto_LUKS", {"dm-0"}),
    };
    return made;
}

std::string beside(Machine& made, unsigned number) {
    const auto found = find_hibernated(makedev(8, number), made, made);
    CHECK(found.has_value());
    std::string text;
    if (found) {
        for (const std::string& path : *found) text += (text.empty() ? "" : " ") + path;
    }
    return text;
}

}  // namespace

TEST_CASE("hibernation: an image on the same disk, and on no other") {
    Machine made = machine();
    CHECK(beside(made, 1) == "/dev/sda2");
    CHECK(beside(made, 3) == "/dev/sda2");
    CHECK(beside(made, 16) == "/dev/sdb1");
    CHECK(beside(made, 33) == "/dev/dm-2");
}

TEST_CASE("hibernation: what is stacked lies on the disk below") {
    Machine made = machine();
    CHECK(beside(made, 101) == "/dev/dm-2");
}

TEST_CASE("hibernation: no other disk is read, nor looked at") {
    Machine made = machine();
    (void)beside(made, 1);
    CHECK(made.probed == std::vector<std::string>{"/dev/sda", "/dev/sda2", "/dev/sda3"});
    CHECK(made.looked_at == std::vector<std::string>{"sda", "sda2", "sda3"});
    CHECK(made.scans == 0);
}

TEST_CASE("hibernation: what lies on two disks has both beside it, each once") {
    Machine made = machine();
    made.disks.push_back(device("md0", 110, "", "ext4"));
    made.disks.push_back(device("md0p1", 111, "md0", "swsuspend"));
    made.disks.push_back(device("sda4", 4, "sda", "linux_raid_member", {"md0"}));
    made.disks.push_back(device("sdb2", 18, "sdb", "linux_raid_member", {"md0"}));
    CHECK(beside(made, 110) == "/dev/md0p1 /dev/sda2 /dev/sdb1");
    CHECK(beside(made, 111) == "/dev/sda2 /dev/sdb1");
}

TEST_CASE("hibernation: what is no block device lies on no disk") {
    Machine made = machine();
    CHECK(beside(made, 250).empty());
    CHECK(made.probed.empty());
}

TEST_CASE("hibernation: what cannot be read holds no image") {
    Machine made = machine();
    made.disks[5].device.bytes = 0;
    CHECK(beside(made, 1).empty());
    made.disks[5].device.bytes = 1;
    made.disks[5].device.suspended = true;
    CHECK(beside(made, 1).empty());
}

}  // namespace prologue::finder_tests
