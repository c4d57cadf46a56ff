// SPDX-License-Identifier: MIT
// The machine that every scenario boots: one table of disks, and what the kernel shows of itself.
#include <sys/sysmacros.h>

#include "tests/trace/scenario.h"

namespace prologue::fake {
namespace {

std::shared_ptr<Filesystem> tree() {
    return std::make_shared<Filesystem>();
}

std::shared_ptr<Filesystem> good_root() {
    auto root = tree();
    for (const char* directory : {"/dev", "/proc", "/sys", "/run", "/usr", "/boot"})
        root->add_dir(directory);
    root->add_file("/usr/lib/systemd/systemd", "ELF");
    root->add_link("/sbin/init", "/usr/lib/systemd/systemd");
    root->add_file("/bin/sh", "ELF");
    root->add_file("/etc/script", "#!/bin/sh\n");
    root->add_file("/etc/lost-script", "#!/bin/lost\n");
    root->add_file("/etc/text", "no program");
    return root;
}

void add_disk(Machine& machine, const std::string& name, const std::string& fstype,
              const std::string& label, std::shared_ptr<Filesystem> filesystem) {
    const auto minor_number = static_cast<unsigned>(machine.disks.size() * 16);
    Disk disk;
    disk.device.path = "/dev/" + name;
    disk.device.number = makedev(254, minor_number);
    disk.device.diskseq = machine.disks.size() + 1;
    disk.device.fstype = fstype;
    disk.device.uuid = "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b0" + std::to_string(machine.disks.size());
    disk.device.label = label;
    disk.part_uuid = "0badcafe-0" + std::to_string(machine.disks.size());
    disk.filesystem = std::move(filesystem);
    if (disk.filesystem) {
        disk.filesystem->device = disk.device.number;
        disk.filesystem->type = fstype;
    }
    machine.disks.push_back(std::move(disk));
}

void add_disks(Machine& machine) {
    add_disk(machine, "vda", "ext4", "root", good_root());
    auto data = tree();
    data->add_dir("/boot");
    add_disk(machine, "vdb", "vfat", "DATA", data);
    auto bare = tree();  // no init, no directory for the API filesystems
    bare->add_dir("/etc");
    add_disk(machine, "vdc", "ext4", "bare", bare);
    auto odd = tree();
    odd->add_dir("/sbin/init");
    odd->add_link("/run", "/var/run");
    odd->add_dir("/dev");
    odd->add_dir("/proc");
    odd->add_dir("/sys");
    odd->add_file("/bin/sh", "ELF");
    add_disk(machine, "vdd", "ext4", "odd", odd);
    add_disk(machine, "vde", "crypto_LUKS", "locked", nullptr);
    add_disk(machine, "vdf", "", "blank", nullptr);
}

void add_api_filesystems(Machine& machine) {
    auto proc = tree();
    proc->add_file("/self/mountinfo", "");
    proc->add_link("/self/exe", "/init");
    proc->add_file("/cmdline", "");
    proc->add_file("/sys/kernel/printk_devkmsg", "");
    std::string types;
    for (const char* type : {"proc", "sysfs", "devtmpfs", "tmpfs", "ramfs", "overlay", "devpts"}) {
        types += "nodev\t" + std::string(type) + "\n";
    }
    proc->add_file("/filesystems", types + "\text4\n");
    machine.sys.use_template("proc", proc);
    auto sysfs = tree();
    sysfs->add_file("/class/dmi/id/sys_vendor", "Made Up\n");
    sysfs->add_file("/class/leds/power/trigger", "");
    sysfs->add_file("/bus/pci/devices/0000:00:01.0/modalias", "virtio_pci\n");
    sysfs->add_file("/bus/virtio/devices/virtio0/modalias", "virtio_blk\n");
    sysfs->add_file("/bus/virtio/devices/virtio1/modalias", "virtio_unknown\n");
    sysfs->add_dir("/bus/usb/devices");
    sysfs->add_file("/block/vda/queue/scheduler", "");
    machine.sys.use_template("sysfs", sysfs);
    auto dev = tree();
    for (const Disk& disk : machine.disks) {
        dev->add_block(disk.device.path.substr(4), disk.device.number);
    }
    machine.sys.use_template("devtmpfs", dev);
}

}  // namespace

void fill_machine(Machine& machine) {
    add_disks(machine);
    add_api_filesystems(machine);
    machine.shared_tree = good_root();
    machine.shared_tree->device = 40;
    machine.shared_tree->type = "9p";
    machine.modules = {"virtio_pci",   "virtio_blk", "fs-vfat", "fs-9p",
                       "9pnet_virtio", "e1000",      "dm_crypt"};
    Filesystem& root = machine.sys.root();
    root.add_file("/init", "ELF");
    root.add_file("/etc/prologue.conf", "");
    root.add_file("/bin/true", "ELF");
    root.add_file("/bin/false", "ELF exit 1");
    root.add_file("/bin/dies", "ELF signal 9");
}

}  // namespace prologue::fake
