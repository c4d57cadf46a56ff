// SPDX-License-Identifier: MIT
// An image without a config: the kernel's own words say what is booted, and the drivers are those of the
// devices that are there.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kPassphrase[] = "correct horse battery staple";

Boot boot_by_words(const std::string& words, const Disk& disk) {
    Boot it;
    it.words = words + " prologue.on-failure=poweroff guest.cat=/etc/marker";
    it.disks = {disk};
    return it;
}

void check_default(const Boot& it, const std::string& disk, const std::string& source,
                   const std::string& type) {
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=" + type + " source=" + source + " *");
    text.has("guest: cat /etc/marker: " + disk + "*");
}

std::string output_of(const std::vector<std::string>& words) {
    const ProgramEnd end = run_program(words);
    CHECK_MESSAGE(end.status == 0, end.output);
    return end.output.substr(0, end.output.find('\n'));
}

Disk encrypted_root() {
    Disk disk{"ext4"};
    disk.file = copy_of_disk("ext4");
    (void)output_of({PROLOGUE_MAKE_LUKS, "pbkdf2", disk.file, kPassphrase});
    return disk;
}

// Types the passphrase once it is asked for.
Transcript boot_and_type(const Boot& it) {
    Vm vm(machine_of(it));
    if (vm.wait_for("Passphrase for /dev/vda (Vault), 3 tries left: *"))
        vm.send(std::string(kPassphrase) + "\n");
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_hand_over(vm.transcript());
    return vm.transcript();
}

}  // namespace

TEST_CASE("default: root=UUID= on a disk of virtio, and the drivers come by themselves") {
    check_default(boot_by_words("root=UUID={ext4.uuid}", {"ext4"}), "ext4", "/dev/vda", "ext4");
}

TEST_CASE("default: root=PARTUUID= on NVMe with xfs beside it, root=LABEL= behind virtio-scsi") {
    Boot it = boot_by_words("root=PARTUUID={gpt-ext4:2.partuuid}", {"gpt-ext4", "nvme,serial=1"});
    check_default(it, "gpt-ext4:2", "/dev/nvme0n1p2", "ext4");
    it = boot_by_words("root=LABEL={xfs.label}", {"xfs", "scsi-hd"});
    it.qemu = {"-device", "virtio-scsi-pci"};
    check_default(it, "xfs", "/dev/sda", "xfs");
}

TEST_CASE("default: rw is a wish where the disk cannot be written") {
    const Boot it = boot_by_words("root=/dev/vda rw", {.name = "ext4", .drive = "readonly=on"});
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("prologue: /dev/vda cannot be written: it is mounted read-only");
}

TEST_CASE("default: rw, and words of other tools that are named once") {
    const Boot it =
        boot_by_words("root=/dev/vda rw resume=/dev/vdb rd.lvm.lv=a rd.lvm.lv=b", {"ext4"});
    const Transcript text = boot(it);
    text.has("guest: root fstype=ext4 source=/dev/vda options=rw,*");
    text.has("prologue: kernel command line:1:*: warning: nothing here obeys 'resume'");
    text.has("prologue: kernel command line:1:*: warning: nothing here obeys 'rd.lvm.lv'");
}

TEST_CASE("default: without root= it says what would fit") {
    Boot it = boot_by_words("", {"gpt-ext4"});
    it.disks.push_back({"vfat-data"});
    boot(it).has_block(with_identifiers(
        R"((default):5:1: error: expand ${cmdline.root}: the value is not set
    5 | find        ${cmdline.root} -> root
      | ^~~~
  seen: /dev/vda: no filesystem found (it has partitions)
  seen: /dev/vda1: no filesystem found
  seen: /dev/vda2: ext4, UUID={gpt-ext4:2.uuid}, label '{gpt-ext4:2.label}'
  seen: /dev/vda3: ext4, UUID={gpt-ext4:3.uuid}, label '{gpt-ext4:3.label}'
  seen: /dev/vdb: vfat, UUID={vfat-data.uuid}, label '{vfat-data.label}'
  hint: what would fit on the kernel command line: root=UUID={gpt-ext4:2.uuid} (/dev/vda2, ext4), root=UUID={gpt-ext4:3.uuid} (/dev/vda3, ext4), root=UUID={vfat-data.uuid} (/dev/vdb, vfat))"));
}

TEST_CASE("default: a root= that is not found, beside one that is") {
    const Boot it = boot_by_words("root=/dev/sdz9 prologue.timeout=4s", {"ext4"});
    const Transcript text = boot(it);
    text.has("(default):5:1: error: find /dev/sdz9: timed out after 4 s");
    text.has(
        "  hint: what is there: root=UUID=7e21c0ea-e56c-4521-889f-e4e61dee1a01 (/dev/vda, "
        "ext4)");
}

TEST_CASE("default: a controller whose driver the image has left out is named, with the driver") {
    Boot it = boot_by_words("root=/dev/sda1 prologue.timeout=2s", {"ext4"});
    // The board has no driver of the machine's own IDE controller, and this kernel has one.
    it.image_options = {"--for", "qemu"};
    boot(it).has(
        "  seen: /sys/bus/pci/devices/0000:00:01.1 wants ata_piix, which this image does not "
        "carry: "
        "add it to a 'modules' line; modalias pci:*");
}

TEST_CASE("default: a disk that comes late brings its drivers with it") {
    // Nothing of virtio is in the machine before, so that no driver of it is loaded.
    const Boot it = boot_by_words("root=UUID={ext4.uuid}", {"ext4", ""});
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: modules auto*")) return;
    plug_in(vm);
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_hand_over(vm.transcript());
    vm.transcript().lacks("prologue: modules auto*virtio_blk*");
    vm.transcript().has("prologue: find /dev/vda (ext4) -> root, * ms");
}

TEST_CASE("default: root= names a container, and its passphrase is asked for") {
    const Transcript text = boot_and_type(boot_by_words("root=LABEL=Vault", encrypted_root()));
    text.has("guest: root fstype=ext4 source=/dev/mapper/cryptroot *");
}

TEST_CASE("default: the container gets the name that the root's crypttab has for it") {
    constexpr char kUuid[] = "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11";
    Disk disk{"ext4"};
    disk.file = copy_of_disk("ext4");
    const std::string crypttab = work_folder() + "/crypttab";
    write_file(crypttab,
               "# <target> <source> <key> <options>\n"
               "swap PARTLABEL=none /dev/urandom swap\n"
               "vda_crypt UUID=" +
                   std::string(kUuid) + " none luks,discard\n");
    (void)output_of({"debugfs", "-w", "-R", "write " + crypttab + " etc/crypttab", disk.file});
    (void)output_of({PROLOGUE_MAKE_LUKS, "pbkdf2", disk.file, kPassphrase});
    (void)output_of({"cryptsetup", "luksUUID", "-q", "--uuid", kUuid, disk.file});
    const Transcript text = boot_and_type(
        boot_by_words("root=UUID=" + std::string(kUuid) +
                          " guest.cat=/sys/block/dm-0/dm/name guest.stat=/dev/mapper/vda_crypt "
                          "guest.stat=/dev/mapper/cryptroot",
                      disk));
    text.has("guest: root fstype=ext4 source=/dev/mapper/vda_crypt *");
    text.has("guest: cat /sys/block/dm-0/dm/name: vda_crypt");
    text.has("guest: stat /dev/mapper/vda_crypt block *");
    text.has("guest: stat-error /dev/mapper/cryptroot: No such file or directory");
}

TEST_CASE("default: rd.luks.name= and root=/dev/mapper/NAME") {
    const Disk disk = encrypted_root();
    const std::string uuid = output_of({"cryptsetup", "luksUUID", disk.file});
    const Transcript text =
        boot_and_type(boot_by_words("rd.luks.name=" + uuid + "=home root=/dev/mapper/home", disk));
    text.has("guest: root fstype=ext4 source=/dev/mapper/home *");
}

TEST_CASE("default: /usr is mounted when the root's fstab says so") {
    Disk disk{"ext4"};
    disk.file = copy_of_disk("ext4");
    const std::string fstab = work_folder() + "/fstab";
    write_file(fstab, with_identifiers("LABEL={ext4.label} / ext4 defaults 0 1\n"
                                       "LABEL={ext2.label} /usr ext2 defaults,noatime 0 2\n"));
    for (const std::string& request : {"write " + fstab + " etc/fstab", std::string("mkdir usr")})
        (void)output_of({"debugfs", "-w", "-R", request, disk.file});
    Boot it = boot_by_words("root=LABEL={ext4.label} guest.cat=/usr/etc/marker", disk);
    it.disks.push_back({"ext2"});
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("prologue: mount /dev/vdb (ext2) on /newroot/usr, * ms");
    text.has("guest: mount /usr ext2 ro,noatime source=/dev/vdb *");
    text.has("guest: cat /usr/etc/marker: ext2*");
}

}  // namespace prologue::qemu_tests
