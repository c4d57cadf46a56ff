// SPDX-License-Identifier: MIT
// Which disks a boot of this machine is tried on, how they are attached to the guest, and what is refused.
#include "images/machine/guest_disks.h"

#include <fcntl.h>
#include <unistd.h>

#include "images/host_boot.h"
#include "tests/unit/machine_folder.h"

namespace prologue::images {
namespace {

std::string disks_of(const MachineFolder& machine) {
    const Result<std::vector<GuestDisk>> disks = guest_disks(Sysroot(machine.directory()));
    if (!disks) return describe(disks.error());
    constexpr const char* kNames[] = {"virtio", "virtio-scsi", "ahci", "nvme", "usb"};
    std::string text;
    for (const GuestDisk& disk : *disks) {
        CHECK(disk.path.starts_with(machine.directory() + "/dev/"));
        text += disk.path.substr(machine.directory().size() + 5) + ":" +
                kNames[static_cast<std::size_t>(disk.bus)] + (disk.is_guess ? "? " : " ");
    }
    return text;
}

void disk_at(const MachineFolder& machine, const std::string& path, const std::string& number) {
    machine.block(path, number + ":0");
    machine.partition(path + "/" + std::string(base_name(path)) + "1", number + ":1");
}

std::string joined(const BootRequest& request) {
    std::string all;
    for (const std::string& word : qemu_command(request)) all += word + " ";
    return all;
}

}  // namespace

TEST_CASE("guest disks: the whole disk below the root, by what it hangs on") {
    const std::string pci = "/sys/devices/pci0000:00/0000:00:1f.2";
    const struct {
        std::string path, expected;
    } kCases[] = {
        {pci + "/ata1/host0/target0:0:0/0:0:0:0/block/sda", "sda:ahci "},
        {pci + "/nvme/nvme0/nvme0n1", "nvme0n1:nvme "},
        {pci + "/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:0/block/sdb", "sdb:usb "},
        {pci + "/virtio0/host3/target3:0:0/3:0:0:0/block/sdc", "sdc:virtio-scsi "},
        {pci + "/virtio0/block/vda", "vda:virtio "},
        {pci + "/host4/target4:0:0/4:0:0:0/block/sdd", "sdd:virtio-scsi? "},
        {pci + "/cciss0/block/cciss!c0d0", "cciss/c0d0:virtio? "},
    };
    for (const auto& one : kCases) {
        MachineFolder machine;
        disk_at(machine, one.path, "8");
        machine.mount("8:1 / / rw - ext4 /dev/root rw");
        CHECK(disks_of(machine) == one.expected);
    }
}

TEST_CASE("guest disks: through encryption and volumes, and what fstab mounts besides") {
    MachineFolder machine;
    encrypted_root(machine, "");
    // A volume on two disks, a RAID of them, and swap on a third; a stick that nobody waits for.
    const std::string pci = "/sys/devices/pci0000:00/0000:00:1f.2/ata";
    for (const char* name : {"sda", "sdb", "sdc", "sdd"})
        disk_at(machine, pci + name[2] + "/block/" + name, std::to_string(name[2]));
    machine.block("/sys/devices/virtual/block/dm-7", "253:7");
    for (const char* name : {"sda1", "sdb"})
        machine.link(std::string("/sys/devices/virtual/block/dm-7/slaves/") + name,
                     std::string("/sys/class/block/") + name);
    machine.mount("253:7 / /home rw - ext4 /dev/mapper/vg-home rw");
    machine.mount(std::to_string('d') + ":1 / /media/stick rw - vfat /dev/sdd1 rw");
    machine.mount("0:99 / /net rw - nfs server:/net rw");
    machine.file("/etc/fstab",
                 "/dev/mapper/x / ext4 defaults 0 1\n#/dev/sdd1 /media/stick vfat\n"
                 "/dev/mapper/vg-home /home ext4 defaults 0 2\nserver:/net /net nfs\n");
    machine.file("/proc/swaps",
                 "Filename Type Size Used Priority\n/dev/sdc1 partition 1 0 -2\n"
                 "/dev/zram0 partition 1 0 5\n/swapfile file 1 0 -3\n");
    CHECK(disks_of(machine) == "sda:ahci sdb:ahci sdc:ahci vda:virtio ");
}

TEST_CASE("guest disks: a root that is on no disk is refused") {
    MachineFolder machine;
    machine.mount("0:20 / / rw - overlay overlay rw");
    CHECK(disks_of(machine).find("no disk of this machine has this filesystem") !=
          std::string::npos);
}

TEST_CASE("boot --host: every disk is a descriptor below an overlay") {
    MachineFolder machine;
    plain_root(machine);
    machine.file("/proc/cmdline",
                 "BOOT_IMAGE=/boot/vmlinuz root=UUID=1 ro initrd=\\x.img quiet -- --single\n");
    machine.file("/boot/vmlinuz-6.1.0-test", "kernel");
    BootRequest request;
    REQUIRE_OK(add_machine(Sysroot(machine.directory()), request));
    CHECK(request.kernel == machine.directory() + "/boot/vmlinuz-6.1.0-test");
    REQUIRE_OK(open_disks(request));
    const std::string fd = std::to_string(request.host_disks.front().descriptor);
    CHECK(fcntl(request.host_disks.front().descriptor, F_GETFD) == 0);  // QEMU inherits it
    CHECK((fcntl(request.host_disks.front().descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY);
    const std::string all = joined(request);
    CHECK(all.find("-add-fd fd=" + fd +
                   ",set=1 -drive if=none,format=raw,snapshot=on,id=host0,"
                   "file.driver=file,file.filename=/dev/fdset/1 -device "
                   "virtio-blk-pci,drive=host0 ") != std::string::npos);
    CHECK(all.find("-append root=UUID=1 ro quiet console=ttyS0 panic=-1 prologue.debug-exit -- "
                   "--single ") != std::string::npos);
    CHECK(all.find(machine.directory() + "/dev/") == std::string::npos);
    (void)close(request.host_disks.front().descriptor);
}

TEST_CASE("boot --host: controllers are made once, and each disk has a place") {
    BootRequest request;
    for (const DiskBus bus : {DiskBus::kAhci, DiskBus::kNvme, DiskBus::kAhci, DiskBus::kUsb})
        request.host_disks.push_back({"/nowhere", bus, false, 10});
    const std::string all = joined(request);
    CHECK(all.find("-device ich9-ahci,id=ahci ") == all.rfind("-device ich9-ahci,id=ahci "));
    for (const char* device : {"ide-hd,drive=host0,bus=ahci.0 ", "nvme,drive=host1,serial=host1 ",
                               "ide-hd,drive=host2,bus=ahci.1 ", "-device qemu-xhci,id=usb ",
                               "usb-storage,bus=usb.0,drive=host3 "})
        CHECK(all.find(device) != std::string::npos);
}

TEST_CASE("boot --host: arguments for QEMU that name a disk are refused") {
    MachineFolder machine;
    plain_root(machine);
    machine.file("/boot/vmlinuz-6.1.0-test", "kernel");
    machine.file("/other.img", "");
    const std::string disk = machine.directory() + "/dev/vda";
    const auto taken = [&](const std::string& word) {
        BootRequest request;
        request.more = {"-drive", word};
        return add_machine(Sysroot(machine.directory()), request).has_value();
    };
    for (const std::string& word :
         {disk, "file=" + disk, "if=none,file=" + disk + ",format=raw", "file:" + disk,
          "{\"driver\":\"file\",\"filename\":\"" + disk + "\"}", std::string("/dev/fdset/1"),
          "file=" + machine.directory() + "/other.img,snapshot=off"}) {
        CAPTURE(word);
        CHECK_FALSE(taken(word));
    }
    CHECK(taken("file=" + machine.directory() + "/other.img"));
    CHECK(taken("file=/dev/null"));
}

}  // namespace prologue::images
