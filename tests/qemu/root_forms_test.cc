// SPDX-License-Identifier: MIT
// Every way to name the root, on every kind of disk and filesystem. One machine a row.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"

namespace prologue::qemu_tests {
namespace {

struct Root {
    const char* disk;
    const char* source;  // what the guest must find on /
    const char* type = "ext4";
    const char* lines;  // all but the drivers and switch_root
    const char* device = "virtio-blk-pci";
    const char* drivers = kDrivers;
    const char* options = "ro,relatime";  // of the mount itself
    std::vector<std::string> qemu = {};
};

void check_root(const Root& root, Where where = Where::current()) {
    Boot it;
    it.config = std::string(root.drivers) + root.lines + "\nswitch_root /newroot\n";
    // A second disk, with nothing on it, is there in every machine.
    it.disks = {{root.disk, root.device}, {"nonformatted"}};
    it.qemu = root.qemu;
    it.words = "guest.cat=/etc/marker prologue.on-failure=poweroff";
    const Transcript text = boot(it, End::kPowerOff, where);
    check_hand_over(text, where);
    const std::string device = std::string(root.source) + " (" + root.type + ")";
    text.has("prologue: switch_root " + device + " -> /sbin/init, * ms", where);
    text.has("guest: root fstype=" + std::string(root.type) + " source=" + root.source +
                 " options=" + root.options + " *",
             where);
    text.has("guest: cat /etc/marker: " + std::string(root.disk) + "*", where);
}

constexpr char kGpt4k[] = "virtio-blk-pci,logical_block_size=4096,physical_block_size=4096";

}  // namespace

TEST_CASE("root: UUID=") {
    check_root({.disk = "ext4", .source = "/dev/vda", .lines = "mount UUID={ext4.uuid} /newroot"});
}

TEST_CASE("root: LABEL=") {
    check_root(
        {.disk = "ext4", .source = "/dev/vda", .lines = "mount LABEL={ext4.label} /newroot"});
}

TEST_CASE("root: LABEL= with a space") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda2",
                .lines = "mount LABEL=\"{gpt-ext4:2.label}\" /newroot"});
}

TEST_CASE("root: PARTUUID= of a GPT") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda2",
                .lines = "mount PARTUUID={gpt-ext4:2.partuuid} /newroot"});
}

TEST_CASE("root: PARTUUID= of an MBR's logical partition") {
    check_root({.disk = "mbr-ext4",
                .source = "/dev/vda5",
                .lines = "mount PARTUUID={mbr-ext4:5.partuuid} /newroot"});
}

TEST_CASE("root: PARTUUID= with PARTNROFF") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda2",
                .lines = "mount PARTUUID={gpt-ext4:1.partuuid}/PARTNROFF=1 /newroot"});
}

TEST_CASE("root: PARTLABEL= with a space") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda2",
                .lines = "mount \"PARTLABEL={gpt-ext4:2.partlabel}\" /newroot"});
}

TEST_CASE("root: PARTLABEL= in Cyrillic letters") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda3",
                .lines = "mount PARTLABEL={gpt-ext4:3.partlabel} /newroot"});
}

TEST_CASE("root: path of a partition") {
    check_root({.disk = "gpt-ext4", .source = "/dev/vda2", .lines = "mount /dev/vda2 /newroot"});
}

TEST_CASE("root: /dev/disk/by-uuid") {
    check_root({.disk = "ext4",
                .source = "/dev/vda",
                .lines = "mount /dev/disk/by-uuid/{ext4.uuid} /newroot"});
}

TEST_CASE("root: /dev/disk/by-label with udev's escape") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda2",
                .lines = "mount /dev/disk/by-label/root\\x20two /newroot"});
}

TEST_CASE("root: /dev/disk/by-partuuid") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda2",
                .lines = "mount /dev/disk/by-partuuid/{gpt-ext4:2.partuuid} /newroot"});
}

TEST_CASE("root: /dev/disk/by-partlabel") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/vda3",
                .lines = "mount /dev/disk/by-partlabel/{gpt-ext4:3.partlabel} /newroot"});
}

TEST_CASE("root: MAJOR:MINOR on virtio-scsi") {
    // The major number of virtio disks is a dynamic one, that of SCSI disks is 8.
    check_root({.disk = "ext4",
                .source = "/dev/sda",
                .lines = "modules virtio_scsi sd_mod\nmount 8:0 /newroot",
                .device = "scsi-hd",
                .qemu = {"-device", "virtio-scsi-pci"}});
}

TEST_CASE("root: a name that find gives") {
    check_root({.disk = "ext4",
                .source = "/dev/vda",
                .lines = "find UUID={ext4.uuid} -> root\nmount root /newroot   options=rw,noatime",
                .options = "rw,noatime"});
}

TEST_CASE("root: ext2") {
    check_root({.disk = "ext2",
                .source = "/dev/vda",
                .type = "ext2",
                .lines = "mount UUID={ext2.uuid} /newroot"});
}

TEST_CASE("root: xfs") {
    check_root({.disk = "xfs",
                .source = "/dev/vda",
                .type = "xfs",
                .lines = "modules xfs\nmount UUID={xfs.uuid} /newroot"});
}

TEST_CASE("root: btrfs") {
    check_root({.disk = "btrfs",
                .source = "/dev/vda",
                .type = "btrfs",
                .lines = "modules btrfs\nmount UUID={btrfs.uuid} /newroot"});
}

TEST_CASE("root: squashfs") {
    check_root({.disk = "squashfs",
                .source = "/dev/vda",
                .type = "squashfs",
                .lines = "mount /dev/vda /newroot   type=squashfs"});
}

TEST_CASE("root: a disk with sectors of 4096 bytes") {
    check_root({.disk = "gpt4k-ext4",
                .source = "/dev/vda2",
                .lines = "mount PARTUUID={gpt4k-ext4:2.partuuid} /newroot",
                .device = kGpt4k});
}

TEST_CASE("root: NVMe") {
    check_root({.disk = "gpt-ext4",
                .source = "/dev/nvme0n1p2",
                .lines = "mount \"PARTLABEL={gpt-ext4:2.partlabel}\" /newroot",
                .device = "nvme,serial=1",
                .drivers = "modules virtio_pci virtio_blk nvme ext4\n"});
}

}  // namespace prologue::qemu_tests
