// SPDX-License-Identifier: MIT
#include "stages/devices/block_scan.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init/base/sys_linux.h"

using namespace prologue;

namespace {

// A /sys in a temporary directory.
class FakeSysfs {
  public:
    FakeSysfs() {
        char path[] = "/tmp/prologue-sysfs-XXXXXX";
        root_ = mkdtemp(path);
        make_dirs("class/block/");
    }
    ~FakeSysfs() { (void)std::system(("rm -rf '" + root_ + "'").c_str()); }
    FakeSysfs(const FakeSysfs&) = delete;
    FakeSysfs& operator=(const FakeSysfs&) = delete;

    // `place` is the directory below devices/, its last component the device's name.
    void add(const std::string& place, std::string_view uevent, std::string_view size) {
        write("devices/" + place + "/uevent", uevent);
        write("devices/" + place + "/size", size);
        const std::string link = root_ + "/class/block/" + place.substr(place.rfind('/') + 1);
        (void)symlink(("../../devices/" + place).c_str(), link.c_str());
    }
    void write(const std::string& path, std::string_view text) {
        make_dirs(path);
        const int fd =
            open((root_ + "/" + path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        (void)!::write(fd, text.data(), text.size());
        (void)close(fd);
    }
    void make_dirs(const std::string& path) {
        for (std::size_t at = path.find('/'); at != std::string::npos;
             at = path.find('/', at + 1)) {
            (void)mkdir((root_ + "/" + path.substr(0, at)).c_str(), 0700);
        }
    }
    [[nodiscard]] const std::string& root() const { return root_; }

  private:
    std::string root_;
};

const BlockDevice* named(const std::vector<BlockDevice>& devices, std::string_view name) {
    for (const BlockDevice& device : devices) {
        if (device.name == name) return &device;
    }
    return nullptr;
}

void add_virtio_disk(FakeSysfs& sysfs) {
    sysfs.add("pci0/virtio1/block/vda",
              "MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\nDISKSEQ=7\n", "262144\n");
    sysfs.add("pci0/virtio1/block/vda/vda2",
              "MAJOR=254\nMINOR=2\nDEVNAME=vda2\nDEVTYPE=partition\nDISKSEQ=7\nPARTN=2\n"
              "PARTNAME=root a\nPARTUUID=0d3f1a5c-0002-4b7e-9f60-5a2c7b1de001\n",
              "204800\n");
}

}  // namespace

TEST_CASE("block scan: a disk and its partition") {
    FakeSysfs sysfs;
    add_virtio_disk(sysfs);
    LinuxSys sys;
    SysfsBlocks blocks(sys, sysfs.root());
    const auto devices = blocks.scan();
    REQUIRE(devices.has_value());
    REQUIRE(devices->size() == 2);

    const BlockDevice& disk = (*devices)[0];
    CHECK(disk.path == "/dev/vda");
    CHECK(disk.number == makedev(254, 0));
    CHECK(disk.bytes == 128ULL << 20);
    CHECK(disk.diskseq == 7);
    CHECK(disk.partition == 0);
    CHECK(disk.disk.empty());

    const BlockDevice& part = (*devices)[1];
    CHECK(part.path == "/dev/vda2");
    CHECK(part.partition == 2);
    CHECK(part.disk == "vda");
    CHECK(part.diskseq == 7);
    CHECK(part.part_name == "root a");
    CHECK(part.part_uuid == "0d3f1a5c-0002-4b7e-9f60-5a2c7b1de001");
}

TEST_CASE("block scan: names with '!', hidden and vanished devices") {
    FakeSysfs sysfs;
    sysfs.add("block/cciss!c0d0", "MAJOR=104\nMINOR=0\nDEVNAME=cciss/c0d0\nDEVTYPE=disk\n",
              "2048\n");
    sysfs.add("block/nvme0c0n1", "DEVTYPE=disk\n", "2048\n");  // the kernel gives it no number
    LinuxSys sys;
    SysfsBlocks blocks(sys, sysfs.root());
    const auto devices = blocks.scan();
    REQUIRE(devices.has_value());
    REQUIRE(devices->size() == 1);
    CHECK(devices->front().path == "/dev/cciss/c0d0");
    CHECK_FALSE(blocks.look_at("sdz").has_value());
}

TEST_CASE("block scan: which devices are no candidates") {
    FakeSysfs sysfs;
    const struct {
        std::string_view name, size;
        BlockDevice::Class kind;
    } cases[] = {
        {"fd0", "8\n", BlockDevice::Class::kFloppy},
        {"ram15", "8192\n", BlockDevice::Class::kMemory},
        {"loop0", "0\n", BlockDevice::Class::kMemory},
        {"loop1", "4096\n", BlockDevice::Class::kDisk},
        {"zram0", "0\n", BlockDevice::Class::kMemory},
        {"sr0", "0\n", BlockDevice::Class::kDisk},
        {"sda", "4096\n", BlockDevice::Class::kDisk},
    };
    for (const auto& one : cases) {
        sysfs.add("block/" + std::string(one.name), "MAJOR=8\nMINOR=0\nDEVTYPE=disk\n", one.size);
    }
    LinuxSys sys;
    SysfsBlocks blocks(sys, sysfs.root());
    const auto devices = blocks.scan();
    REQUIRE(devices.has_value());
    for (const auto& one : cases) {
        const BlockDevice* device = named(*devices, one.name);
        REQUIRE(device != nullptr);
        CHECK_MESSAGE(device->kind == one.kind, std::string(one.name));
    }
    CHECK(named(*devices, "sr0")->bytes == 0);
}

TEST_CASE("block scan: device-mapper name and state, holders") {
    FakeSysfs sysfs;
    sysfs.add("virtual/block/dm-0", "MAJOR=253\nMINOR=0\nDEVNAME=dm-0\nDEVTYPE=disk\n", "2048\n");
    sysfs.write("devices/virtual/block/dm-0/dm/name", "plain\n");
    sysfs.write("devices/virtual/block/dm-0/dm/suspended", "1\n");
    add_virtio_disk(sysfs);
    sysfs.make_dirs("devices/pci0/virtio1/block/vda/vda2/holders/dm-0/");
    LinuxSys sys;
    SysfsBlocks blocks(sys, sysfs.root());
    const auto device = blocks.look_at("dm-0");
    REQUIRE(device.has_value());
    CHECK(device->mapper_name == "plain");
    CHECK(device->suspended);
    CHECK(blocks.holders("vda2") == std::vector<std::string>{"dm-0"});
    CHECK(blocks.holders("vda").empty());
}

TEST_CASE("block scan: what lies below a device, and what on it") {
    FakeSysfs sysfs;
    sysfs.add("virtual/block/dm-0", "MAJOR=253\nMINOR=0\nDEVNAME=dm-0\nDEVTYPE=disk\n", "2048\n");
    add_virtio_disk(sysfs);
    sysfs.make_dirs("devices/virtual/block/dm-0/slaves/vda2/");
    sysfs.make_dirs("devices/pci0/virtio1/block/vda/slaves/");
    sysfs.make_dirs("dev/block/");
    (void)symlink("../../devices/pci0/virtio1/block/vda/vda2",
                  (sysfs.root() + "/dev/block/254:2").c_str());
    LinuxSys sys;
    SysfsBlocks blocks(sys, sysfs.root());
    using Names = std::vector<std::string>;
    CHECK(blocks.below("dm-0") == Names{"vda2"});
    CHECK(blocks.below("vda2") == Names{"vda"});
    CHECK(blocks.below("vda").empty());
    CHECK(blocks.partitions("vda") == Names{"vda2"});
    CHECK(blocks.partitions("dm-0").empty());
    const auto name = blocks.name_of(makedev(254, 2));
    REQUIRE(name.has_value());
    CHECK(*name == "vda2");
    const auto none = blocks.name_of(makedev(254, 3));
    REQUIRE(none.has_value());
    CHECK(none->empty());
    CHECK_FALSE(SysfsBlocks(sys, "/nonexistent").name_of(makedev(254, 2)).has_value());
}

TEST_CASE("block scan: no sysfs is an error with a hint") {
    LinuxSys sys;
    SysfsBlocks blocks(sys, "/nonexistent");
    const auto devices = blocks.scan();
    REQUIRE_FALSE(devices.has_value());
    CHECK(devices.error()->hint.find("sysfs") != std::string::npos);
}

TEST_CASE("block scan: what a path is") {
    LinuxSys sys;
    SysfsBlocks blocks(sys);
    const auto absent = blocks.node_number("/dev/prologue-no-such-node");
    REQUIRE(absent.has_value());
    CHECK_FALSE(absent->has_value());
    const auto character = blocks.node_number("/dev/null");
    REQUIRE_FALSE(character.has_value());
    CHECK(character.error()->kind == ErrorKind::kRefused);
}
