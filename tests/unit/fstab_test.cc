// SPDX-License-Identifier: MIT
#include "stages/fstab.h"

#include "tests/unit/test.h"

namespace prologue::tests {

constexpr char kFstab[] =
    "# /etc/fstab: static file system information.\n"
    "UUID=0a3407de-014b-458b-b5c1-848e92a327a3 / ext4 errors=remount-ro 0 1\n"
    "\n"
    "\tLABEL=my\\040usr\t/usr/ \txfs\tdefaults,nofail,x-systemd.device-timeout=5,noatime 0 2\n"
    "/dev/vdb /usr ext4 ro 0 0\n"
    "/dev/vdc /srv/a\\040b auto noauto,user,comment=x\n"
    "none /tmp\n"
    "lonely";

TEST_CASE("fstab: the first line of a directory, without what only its readers obey") {
    const auto usr = find_in_fstab(kFstab, "/usr");
    REQUIRE(usr.has_value());
    CHECK(usr->source == "LABEL=my usr");
    CHECK(usr->type == "xfs");
    CHECK(usr->options == "noatime");
    CHECK(usr->may_fail);
    CHECK(usr->automatic);
    const auto blank = find_in_fstab(kFstab, "/srv/a b");
    REQUIRE(blank.has_value());
    CHECK(blank->options == "");
    CHECK_FALSE(blank->automatic);
    CHECK(find_in_fstab(kFstab, "/")->options == "errors=remount-ro");
    CHECK(find_in_fstab(kFstab, "/tmp")->options == "");
    CHECK_FALSE(find_in_fstab(kFstab, "/home").has_value());
    CHECK_FALSE(find_in_fstab("", "/usr").has_value());
}

}  // namespace prologue::tests
