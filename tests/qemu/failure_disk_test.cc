// SPDX-License-Identifier: MIT
// Disks that come late, go early, are damaged or must not be written to.
#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/failure_case.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kUnplug[] = R"({"execute": "device_del", "arguments": {"id": "early"}})";

// A disk image whose sectors cannot be read; gives what -drive takes. Reads of its first 4 KiB fail:
// that is where the superblocks of all filesystems but btrfs lie.
std::string disk_with_read_errors(std::string_view name) {
    const std::string config = work_folder() + "/blkdebug.conf";
    std::string text;
    for (int sector = 0; sector < 8; sector++)
        text += "[inject-error]\nevent = \"read_aio\"\nerrno = \"5\"\nsector = \"" +
                std::to_string(sector) + "\"\n\n";
    write_file(config, text);
    return "blkdebug:" + config + ":" + disk_file(name);
}

}  // namespace

TEST_CASE("disk: plugged in three seconds after the wait began") {
    Boot it = boot_of_root();
    it.config.insert(0, "exec /bin/ticker\n");
    it.image_options = {"--add", trouble_program("ticker")};
    it.disks = {{"ext4", ""}};
    Vm vm(machine_of(it));
    // On a busy host the drivers may take longer than the three seconds: both have to be over.
    if (!vm.wait_for(kDriversLoaded) || !vm.wait_for("ticker: 3 s")) return;
    plug_in(vm);
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    check_hand_over(text);
    text.has_order("ticker: 3 s", "prologue: mount /dev/vda (ext4) on /newroot, *");
    text.has_order(kDriversLoaded, "prologue: mount /dev/vda (ext4) on /newroot, *");
    CHECK(text.number_behind("prologue: mount /dev/vda (ext4) on /newroot, ") > 0);
}

TEST_CASE("disk: unplugged between find and mount") {
    const Failure failure = {
        .line = "find UUID={ext4.uuid} -> root",
        .disks = {{"ext4", "virtio-blk-pci,id=early"}},
        .block =
            R"(/etc/prologue.conf:5:1: error: find /dev/vda: the device that 'root' names is gone
    5 | mount root /newroot   timeout=2s
      | ^~~~~
  hint: it was unplugged, or it stopped answering: the kernel's own messages say more)",
        .more = "exec /bin/gate\nmount root /newroot   timeout=2s\nswitch_root /newroot\n",
        .image_options = {"--add", trouble_program("gate")},
        .bound = 62};
    Vm vm(machine_of(boot_of(failure)));
    if (!vm.wait_for("gate: closed")) return;
    must(vm, kUnplug);
    if (!vm.wait_for_event("DEVICE_DELETED")) return;
    vm.send("\n");
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_failed(failure, vm.transcript());
}

TEST_CASE("disk: unplugged while a mount waits for another") {
    const Failure failure = {
        .line = "mount LABEL=nowhere /newroot   timeout=3s",
        .disks = {{"ext4", "virtio-blk-pci,id=early"}},
        .block = R"(/etc/prologue.conf:3:1: error: find LABEL=nowhere: timed out after 3 s
    3 | mount LABEL=nowhere /newroot   timeout=3s
      | ^~~~~
  seen: no block devices at all
  hint: is a disk attached, and its driver on a 'modules' line? 'lspci -k' of a running system names the driver)",
        .bound = 3};
    Vm vm(machine_of(boot_of(failure)));
    if (!vm.wait_for(kDriversLoaded)) return;
    must(vm, kUnplug);
    if (!vm.wait_for_event("DEVICE_DELETED")) return;
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_failed(failure, vm.transcript());
}

TEST_CASE("disk: a superblock of zeros is no filesystem") {
    const std::string file = copy_of_disk("ext4");
    overwrite(file, 0, std::string(4096, '\0'));
    check_failure(
        {.line = "mount UUID={ext4.uuid} /newroot   timeout=1s",
         .disks = {{.name = "ext4", .file = file}},
         .block = R"(/etc/prologue.conf:3:1: error: find UUID={ext4.uuid}: timed out after 1 s
    3 | mount UUID={ext4.uuid} /newroot   timeout=1s
      | ^~~~~
  seen: /dev/vda: no filesystem found
  hint: compare it with the devices above, or load the driver of the one that is missing)",
         .bound = 1});
}

TEST_CASE("disk: a superblock of zeros under type=") {
    const std::string file = copy_of_disk("ext4");
    overwrite(file, 0, std::string(4096, '\0'));
    const Transcript text = check_failure(
        {.line = "mount /dev/vda /newroot   type=ext4",
         .disks = {{.name = "ext4", .file = file}},
         .block =
             R"(/etc/prologue.conf:3:1: error: mount /dev/vda on /newroot: Invalid argument (EINVAL): *
    3 | mount /dev/vda /newroot   type=ext4
      | ^~~~~
  hint: wrong type 'ext4' (blkid tells), a bad option in 'ro', or a damaged superblock)"});
    text.has("  kernel: *VFS: Can't find ext4 filesystem*");
}

TEST_CASE("disk: a superblock that cannot be read") {
    const Transcript text = check_failure(
        {.line = "mount UUID={ext4.uuid} /newroot   timeout=1s",
         .disks = {{.name = "ext4", .file = disk_with_read_errors("ext4")}},
         .block = R"(/etc/prologue.conf:3:1: error: find UUID={ext4.uuid}: timed out after 1 s
    3 | mount UUID={ext4.uuid} /newroot   timeout=1s
      | ^~~~~
  seen: /dev/vda: cannot be read: I/O error (EIO)
  hint: /dev/vda may be the one, and failing: see the kernel's own messages)",
         .bound = 1});
    text.has("  kernel: *I/O error, dev vda, sector *");
}

TEST_CASE("disk: a superblock that cannot be read and is named by its path") {
    check_failure(
        {.line = "mount /dev/vda /newroot   timeout=5s",
         .disks = {{.name = "ext4", .file = disk_with_read_errors("ext4")}},
         .block =
             R"(/etc/prologue.conf:3:1: error: find /dev/vda: I/O error (EIO): cannot read the superblock of /dev/vda
    3 | mount /dev/vda /newroot   timeout=5s
      | ^~~~~
  hint: the disk may be failing: see the kernel's own messages)",
         .bound = 5});
}

TEST_CASE("disk: read-only in hardware and mounted rw") {
    check_failure(
        {.line = "mount /dev/vda /newroot   options=rw",
         .disks = {{.name = "ext4", .drive = "readonly=on"}},
         .block =
             R"(/etc/prologue.conf:3:1: error: mount /dev/vda on /newroot: Permission denied (EACCES): /dev/vda is write-protected but explicit read-write mode requested
    3 | mount /dev/vda /newroot   options=rw
      | ^~~~~
  hint: the device is read-only; mount it with options=ro)"});
}

TEST_CASE("disk: read-only in hardware and mounted ro") {
    Boot it;
    it.config = std::string(kDrivers) + "mount /dev/vda /newroot\n" + kSwitchRoot;
    it.disks = {{.name = "ext4", .drive = "readonly=on"}};
    it.words = "prologue.on-failure=poweroff";
    check_hand_over(boot(it));
}

TEST_CASE("disk: the journal is replayed before a mount with ro") {
    const std::string file = copy_of_disk("ext4-dirty");
    Boot it;
    it.config = std::string(kDrivers) + "mount UUID={ext4-dirty.uuid} /newroot\n" + kSwitchRoot;
    it.disks = {{.name = "ext4-dirty", .file = file, .drive = "snapshot=off"}};
    it.words = "prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("EXT4-fs (vda): recovery complete");
    CHECK(read_file(file) != read_file(disk_file("ext4-dirty")));
}

TEST_CASE("disk: a journal that cannot be replayed") {
    check_failure(
        {.line = "mount UUID={ext4-dirty.uuid} /newroot",
         .disks = {{.name = "ext4-dirty", .drive = "readonly=on"}},
         .block =
             R"(/etc/prologue.conf:3:1: error: mount /dev/vda on /newroot: Read-only file system (EROFS): cannot mount /dev/vda read-only
    3 | mount UUID={ext4-dirty.uuid} /newroot
      | ^~~~~
  hint: the device is read-only, and its journal must be replayed first; options=ro,noload (xfs: ro,norecovery) mounts it as it is)"});
}

TEST_CASE("disk: a failed boot with ro changes no byte of it") {
    for (const char* name : {"ext4", "ext4-dirty"}) {
        const std::string file = copy_of_disk(name);
        const std::string options = name == std::string("ext4") ? "" : "   options=noload";
        check_failure({.line = "mount LABEL={" + std::string(name) + ".label} /newroot" + options,
                       .disks = {{.name = name, .file = file, .drive = "snapshot=off"}},
                       .block = "/etc/prologue.conf:4:1: error: switch_root /nowhere in /newroot: "
                                "No such file or directory (ENOENT)",
                       .words = "init=/nowhere",
                       .bound = 60});
        CHECK(read_file(file) == read_file(disk_file(name)));
    }
}

TEST_CASE("disk: a hibernated system beside the root keeps it from being written") {
    const std::string file = copy_of_disk("gpt-hibernated");
    const std::string before = read_file(file);
    const Disk disk = {.name = "gpt-hibernated", .file = file, .drive = "snapshot=off"};
    check_failure(
        {.line = "mount UUID={gpt-hibernated:1.uuid} /newroot   options=rw",
         .disks = {disk},
         .block =
             R"(/etc/prologue.conf:3:1: error: mount /dev/vda1 on /newroot: a system is hibernated in /dev/vda2, on the same disk, and writing would ruin it
    3 | mount UUID={gpt-hibernated:1.uuid} /newroot   options=rw
      | ^~~~~
  hint: resume that system and shut it down; or mount with options=ro,noload (xfs: ro,norecovery), since ro alone replays the journal; or give it up with 'noresume' on the kernel command line)"});
    CHECK(read_file(file) == before);
}

TEST_CASE("disk: a hibernated system that is given up, or is on another disk") {
    Boot it;
    it.config = std::string(kPowerOffOnFailure) + kDrivers +
                "mount UUID={gpt-hibernated:1.uuid} /newroot   options=rw\n" + kSwitchRoot;
    it.disks = {{"gpt-hibernated"}, {"ext4"}};
    it.words = "noresume";
    check_hand_over(boot(it));
    it.config = std::string(kPowerOffOnFailure) + kDrivers +
                "mount UUID={ext4.uuid} /newroot   options=rw\n" + kSwitchRoot;
    it.words = "";
    check_hand_over(boot(it));
}

}  // namespace prologue::qemu_tests
