// SPDX-License-Identifier: MIT
// A machine made of files, for the tests of what the host tool learns of the one it runs on.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

#include "images/machine/machine.h"
#include "tests/unit/image_folder.h"

namespace prologue::images {

class MachineFolder {
  public:
    MachineFolder() {
        // An init that reads a config.
        folder_.write("init", program() + "/etc/prologue.conf", 0755);
        file("/proc/sys/kernel/osrelease", "6.1.0-test\n");
        file("/sys/class/block/.keep", "");
    }

    [[nodiscard]] const Folder& folder() const { return folder_; }
    [[nodiscard]] std::string directory() const { return folder_.at("machine"); }
    [[nodiscard]] Result<Machine> read() const { return read_machine(Sysroot(directory())); }

    void file(const std::string& path, std::string_view text) const {
        folder_.write("machine" + path, text);
    }
    // Both are absolute paths of the machine.
    void link(const std::string& path, const std::string& target) const {
        const std::string real = directory() + path;
        (void)std::system(("mkdir -p " + std::string(parent_of(real))).c_str());
        (void)unlink(real.c_str());
        CHECK(symlink((directory() + target).c_str(), real.c_str()) == 0);
    }
    void driver(const std::string& device, const std::string& module, bool loadable = true) const {
        file("/sys/bus/drivers/" + module + "/bind", "");
        link(device + "/driver", "/sys/bus/drivers/" + module);
        file("/sys/module/" + module + "/version", "1\n");
        if (loadable) file("/sys/module/" + module + "/initstate", "live\n");
        link("/sys/bus/drivers/" + module + "/module", "/sys/module/" + module);
    }
    // A block device at `path` below /sys/devices.
    void block(const std::string& path, const std::string& number) const {
        const std::string name(base_name(path));
        file(path + "/dev", number + "\n");
        link("/sys/class/block/" + name, path);
        link("/sys/dev/block/" + number, path);
        file("/dev/" + name, "");
    }
    void partition(const std::string& path, const std::string& number) const {
        block(path, number);
        file(path + "/partition", "1\n");
    }
    void uuid(const std::string& uuid, const std::string& name) const {
        link("/dev/disk/by-uuid/" + uuid, "/dev/" + name);
    }
    // /dev/vda with two partitions, behind virtio.
    void virtio_disk() const {
        driver(kPci, "virtio_pci");
        driver(std::string(kPci) + "/virtio1", "virtio_blk");
        block(kDisk, "254:0");
        partition(std::string(kDisk) + "/vda1", "254:1");
        partition(std::string(kDisk) + "/vda2", "254:2");
    }
    // An open container on `disk`.
    void mapping(const std::string& dm_name, const std::string& uuid, const std::string& disk,
                 const std::string& node = "dm-0", const std::string& number = "253:0") const {
        const std::string path = "/sys/devices/virtual/block/" + node;
        block(path, number);
        file(path + "/dm/name", dm_name + "\n");
        file(path + "/dm/uuid", uuid + "\n");
        link(path + "/slaves/" + disk, "/sys/class/block/" + disk);
    }
    void mount(const std::string& line) {
        mounts_ += "22 1 " + line + "\n";
        file("/proc/self/mountinfo", mounts_);
    }
    // An input device that has letters.
    void keys_at(const std::string& input) const {
        file(input + "/capabilities/key",
             "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n");
        link("/sys/class/input/input0", input);
    }
    void keyboard() const {
        const std::string port = "/sys/devices/platform/i8042/serio0";
        driver("/sys/devices/platform/i8042", "i8042", false);
        driver(port, "atkbd");
        keys_at(port + "/input/input0");
        const std::string button = "/sys/devices/platform/button/input/input1";
        driver("/sys/devices/platform/button", "button");
        file(button + "/capabilities/key", "10000000000000 0\n");
        link("/sys/class/input/input1", button);
    }

    static constexpr const char* kPci = "/sys/devices/pci0000:00/0000:00:04.0";
    static constexpr const char* kDisk = "/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda";
    static constexpr const char* kRootUuid = "2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11";
    static constexpr const char* kLuks = "CRYPT-LUKS2-6a1c4e5e8d1c4f0e9a590d2f5d3c7b11-vda2_crypt";
    static constexpr const char* kLuksUuid = "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11";

  private:
    Folder folder_;
    std::string mounts_;
};

// The usual machines.
inline void plain_root(MachineFolder& machine) {
    machine.virtio_disk();
    machine.uuid(MachineFolder::kRootUuid, "vda1");
    machine.mount("254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro");
    machine.file("/etc/fstab",
                 std::string("# fstab\n\nUUID=") + MachineFolder::kRootUuid +
                     " / ext4 defaults,rw,noatime,errors=remount-ro,x-systemd.growfs 0 1\n");
}

inline void encrypted_root(MachineFolder& machine, const std::string& crypttab) {
    machine.virtio_disk();
    machine.mapping("vda2_crypt", MachineFolder::kLuks, "vda2");
    machine.mount("253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vda2_crypt rw");
    machine.file("/etc/fstab", "/dev/mapper/vda2_crypt / ext4 defaults 0 1\n");
    machine.file("/etc/crypttab", crypttab);
}

}  // namespace prologue::images
