// SPDX-License-Identifier: MIT
// A root that lies on several disks.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/image.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kGrow[] =
    "modules virtio_pci virtio_blk btrfs\n"
    "mount UUID={btrfs.uuid} /grown   options=rw\n"
    "exec /bin/btrfs-grow\n"
    "umount /grown\n"
    "exec /bin/btrfs-forget\n";

Boot boot_of_two(const std::string& lines) {
    Boot it;
    it.config = kGrow + lines + "switch_root /newroot\n";
    it.disks = {{"btrfs"}, {"nonformatted"}};
    it.image_options = {"--add", trouble_program("btrfs-grow"), "--add",
                        trouble_program("btrfs-forget")};
    it.words = "prologue.on-failure=poweroff";
    return it;
}

}  // namespace

// The kernel knows none of the two when the last line begins.
TEST_CASE("root: btrfs on two disks") {
    const Transcript text = boot(boot_of_two("mount UUID={btrfs.uuid} /newroot\n"));
    check_hand_over(text);
    text.has("guest: root fstype=btrfs source=/dev/vd* *");
}

TEST_CASE("root: btrfs on two disks, by the name of the second") {
    const Transcript text = boot(boot_of_two("mount /dev/vdb /newroot\n"));
    check_hand_over(text);
    text.has("guest: root fstype=btrfs source=/dev/vd* *");
}

}  // namespace prologue::qemu_tests
