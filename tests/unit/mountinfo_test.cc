// SPDX-License-Identifier: MIT
#include "init/base/mountinfo.h"

#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("mountinfo: the lines of a boot") {
    const auto mounts = parse_mountinfo(
        "1 1 0:2 / / rw - rootfs rootfs rw\n"
        "21 1 0:5 / /dev rw,nosuid - devtmpfs devtmpfs rw,size=4k\n"
        "22 1 254:0 / /newroot ro,relatime - ext4 /dev/vda ro\n");
    CHECK(mounts.size() == 3);
    if (mounts.size() != 3) return;
    CHECK(mounts[0].type == "rootfs");
    CHECK(mounts[1].options == "rw,nosuid");
    CHECK(mounts[2].target == "/newroot");
    CHECK(mounts[2].source == "/dev/vda");
    CHECK_FALSE(mounts[2].shared);
}

TEST_CASE("mountinfo: optional fields, none or many") {
    const auto mounts = parse_mountinfo(
        "36 35 98:0 /mnt1 /a rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"
        "37 35 98:0 / /b rw shared:7 - ext3 /dev/root rw\n"
        "38 35 98:0 / /c rw shared:7 master:2 propagate_from:3 unbindable - ext3 - rw\n"
        "39 35 98:0 / /d rw not-shared:1 - ext3 none rw\n");
    CHECK(mounts.size() == 4);
    if (mounts.size() != 4) return;
    CHECK_FALSE(mounts[0].shared);
    CHECK(mounts[1].shared);
    CHECK(mounts[2].shared);
    CHECK(mounts[2].source == "-");
    CHECK_FALSE(mounts[3].shared);
}

TEST_CASE("mountinfo: the kernel's escapes are undone") {
    const auto mounts = parse_mountinfo(
        "40 1 0:9 / /with\\040blank\\011tab\\012line\\134back rw - tmpfs a\\040b rw\n"
        "41 1 0:9 / /odd\\04x\\9\\ rw - tmpfs t rw\n");
    CHECK(mounts.size() == 2);
    if (mounts.size() != 2) return;
    CHECK(mounts[0].target == "/with blank\ttab\nline\\back");
    CHECK(mounts[0].source == "a b");
    CHECK(mounts[1].target == "/odd\\04x\\9\\");
}

TEST_CASE("mountinfo: the topmost of several mounts, and exact places only") {
    const auto mounts = parse_mountinfo(
        "1 1 0:2 / / rw - rootfs rootfs rw\n"
        "2 1 0:3 / /a rw - tmpfs first rw\n"
        "3 2 0:4 / /a rw - tmpfs second rw\n"
        "4 1 0:5 / /ab rw - tmpfs other rw\n");
    const MountEntry* top = mount_at(mounts, "/a");
    CHECK((top != nullptr && top->source == "second"));
    CHECK(mount_at(mounts, "/a/") == nullptr);
    CHECK(mount_at(mounts, "/b") == nullptr);
    CHECK(mount_at({}, "/") == nullptr);
}

TEST_CASE("mountinfo: what is no line of it is skipped") {
    const std::string_view good = "1 1 0:2 / / rw - rootfs rootfs rw\n";
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK(parse_mountinfo(good.substr(0, size)).size() <= 1);
    }
    CHECK(parse_mountinfo("\n\n  \n - - -\nword\n1 2 3 4 5 6 7 8 9\n").empty());
    CHECK(parse_mountinfo(std::string("x\n") + std::string(good)).size() == 1);
}

}  // namespace prologue::tests
