// SPDX-License-Identifier: MIT
// Stages at work on a real kernel: what they changed is reported by the real root.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kMount[] = "mount UUID={ext4.uuid} /newroot\n";

}  // namespace

TEST_CASE("stage: write, module parameters and mounts in the new root") {
    Boot it;
    it.config = std::string(
                    "modules virtio_pci virtio_blk ext4 virtio_blk.queue_depth=32 "
                    "\"virtio_blk.nonsense=two words\"\n") +
                kMount +
                "write /proc/sys/kernel/hostname from-prologue\n"
                "mount tmpfs /newroot/tmp   options=mode=0700,size=1m\n" +
                kSwitchRoot;
    it.disks = {{"ext4"}};
    it.words =
        "guest.cat=/proc/sys/kernel/hostname guest.stat=/tmp "
        "guest.cat=/sys/module/virtio_blk/parameters/queue_depth "
        "virtio_blk.poll_queues=3 guest.cat=/sys/module/virtio_blk/parameters/poll_queues "
        "prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: cat /proc/sys/kernel/hostname: from-prologue");
    text.has("guest: cat /sys/module/virtio_blk/parameters/queue_depth: 32");
    text.has("guest: cat /sys/module/virtio_blk/parameters/poll_queues: 3");
    // The blank does not end the parameter.
    text.has("*virtio_blk: unknown parameter 'nonsense' ignored*");
    text.lacks("*unknown parameter 'words'*");
    text.has("guest: mount /tmp tmpfs rw,relatime source=tmpfs super=rw,size=1024k,mode=700*");
    text.has("guest: stat /tmp directory 0700 *");
    text.has("prologue: modules virtio_pci virtio_blk ext4, * ms");
    text.has("prologue: mount /dev/vda (ext4) on /newroot, * ms");
    text.has("prologue: write /proc/sys/kernel/hostname, * ms");
    text.has("prologue: mount tmpfs on /newroot/tmp, * ms");
}

TEST_CASE("stage: a vfat stick and umount") {
    Boot it;
    it.config = kDrivers + std::string("modules vfat\n") + kMount +
                "mount LABEL={vfat-data.label} /mnt/stick   options=ro\n"
                "umount /mnt/stick\n"
                "mount UUID={vfat-data.uuid} /newroot/tmp   options=ro\n" +
                kSwitchRoot;
    it.disks = {{"ext4"}, {"vfat-data"}};
    it.words = "guest.cat=/tmp/note.txt prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("prologue: umount /mnt/stick, * ms");
    text.has("guest: mount /tmp vfat ro,relatime source=/dev/vdb *");
    text.has("guest: cat /tmp/note.txt: vfat-data*");
}

// mount(8) calls it a success that a source with this option is not there.
TEST_CASE("stage: nofail hides no failure") {
    Boot it;
    it.config =
        "mount tmpfs /run/below\n"
        "mount /run/below/nothing /mnt   type=none options=bind,nofail\npoweroff\n";
    it.words = "prologue.on-failure=reboot";
    const Transcript text = boot(it, End::kReboot);
    text.has("/etc/prologue.conf:2:1: error: *");
}

TEST_CASE("stage: overlay of a disk and a tmpfs") {
    Boot it;
    it.config = kDrivers +
                std::string(
                    "mount UUID={ext4.uuid} /run/lower   options=ro\n"
                    "mount tmpfs /run/upper\n"
                    "mount overlay /newroot   options=lowerdir=/run/upper:/run/lower\n") +
                kSwitchRoot;
    it.disks = {{"ext4"}};
    it.words = "guest.cat=/etc/marker prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=overlay source=overlay *");
    text.has("guest: mount /run/lower ext4 ro,*");
    text.has("guest: cat /etc/marker: ext4");
}

TEST_CASE("stage: exec gives a program a clean process") {
    Boot it;
    it.config = "exec /bin/guest --option -> x=y \"two words\"\npoweroff\n";
    it.image_options = {"--add", settings().guest_init + ":/bin/guest"};
    const Transcript text = boot(it);
    text.has("guest: fds clean");
    text.has("guest: argv[0]=/bin/guest");
    text.has("guest: argv[1]=--option");
    text.has("guest: argv[2]=->");
    text.has("guest: argv[3]=x=y");
    text.has("guest: argv[4]=two words");
    text.has("guest: env PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    text.has("guest: SigBlk=0000000000000000");
    text.has("guest: SigIgn=0000000000000000");
    text.has("guest: rlimit data=unlimited/unlimited");
    text.has("guest: umask=0022");
    text.has("guest: statfs / type=0x1021994");  // without root= rootfs is a tmpfs
}

TEST_CASE("stage: exec under root= runs on a ramfs") {
    Boot it;
    it.config = "exec /bin/guest\npoweroff\n";
    it.image_options = {"--add", settings().guest_init + ":/bin/guest"};
    it.words = "root=/dev/vda";
    boot(it).has("guest: statfs / type=0x858458f6");
}

TEST_CASE("stage: a disk that is plugged in while a stage waits for it") {
    Boot it = boot_of_root();
    it.disks = {{"ext4", ""}};  // QEMU has the file, the machine has no disk yet
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: modules virtio_pci virtio_blk ext4, * ms")) return;
    plug_in(vm);
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_hand_over(vm.transcript());
    vm.transcript().has("guest: root fstype=ext4 source=/dev/vda *");
}

TEST_CASE("stage: a root on 9p") {
    if (!has_driver("9p")) return;
    const std::string root = work_folder() + "/root";
    for (const char* name : {"", "/dev", "/proc", "/sys", "/run", "/sbin"})
        make_folder(root + name);
    write_file(root + "/sbin/init", read_file(settings().guest_init), 0755);
    Boot it;
    it.config =
        "modules virtio_pci 9pnet_virtio 9p\n"
        "mount hostroot /newroot   type=9p options=trans=virtio,version=9p2000.L\n" +
        std::string(kSwitchRoot);
    it.qemu = {"-virtfs", "local,security_model=none,mount_tag=hostroot,id=hostroot,path=" + root};
    it.words = "prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=9p source=hostroot *");
}

}  // namespace prologue::qemu_tests
