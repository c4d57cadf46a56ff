// SPDX-License-Identifier: MIT
// `prologue config --host`, run by the real root of a machine: what it says of that machine, and whether
// that boots it.
#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kRun[] = "guest.run=/sbin/prologue,config,--host";

// A copy of a root that has the tool, and these files in its /etc. `offset` is for debugfs, where the root is
// a partition.
std::string root_with_tool(const std::string& disk, const std::string& fstab,
                           const std::string& crypttab = {}, const std::string& offset = {}) {
    const std::string file = copy_of_disk(disk);
    write_file(work_folder() + "/fstab", with_identifiers(fstab));
    write_file(work_folder() + "/crypttab", crypttab);
    for (const std::string& request : {"write " + settings().build + "/prologue sbin/prologue",
                                       "write " + work_folder() + "/fstab etc/fstab",
                                       "write " + work_folder() + "/crypttab etc/crypttab"}) {
        const ProgramEnd end = run_program({"debugfs", "-w", "-R", request, file + offset});
        CHECK_MESSAGE(end.status == 0, end.output);
    }
    return file;
}

// What the tool said, as a file.
std::string printed_config(const Transcript& text) {
    text.has("guest: run-status: 0");
    std::string config;
    for (const std::string& line : text.texts_behind("guest: run: ")) config += line + "\n";
    CHECK(config.find("switch_root /newroot\n") != std::string::npos);
    return config;
}

void check_line(const std::string& config, const std::string& line) {
    CHECK_MESSAGE(config.find("\n" + with_identifiers(line) + "\n") != std::string::npos, config);
}

}  // namespace

TEST_CASE("host config: an ext4 on virtio, which then boots by it") {
    Boot it = boot_of_root();
    it.disks = {{"ext4"}};
    it.disks.front().file = root_with_tool("ext4", "UUID={ext4.uuid} / ext4 noatime,rw 0 1\n");
    it.words += std::string(" ") + kRun;
    const std::string config = printed_config(boot(it));
    check_line(config, "modules     virtio_pci virtio_blk");
    check_line(config,
               "# / is /dev/vda, ext4 (/proc/self/mountinfo); /etc/fstab:1 has its options.");
    check_line(config, "mount       UUID={ext4.uuid} /newroot   type=ext4 options=noatime,kernel");
    it.config = config;
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/vda options=ro,noatime *");
    CHECK(printed_config(text) == config);
}

TEST_CASE("host config: the second partition of an NVMe disk, without an fstab of it") {
    Boot it = boot_of_root();
    it.config = std::string(kDrivers) + "modules nvme\nmount PARTLABEL=\"root part\" /newroot\n" +
                kSwitchRoot;
    it.disks = {{"gpt-ext4", "nvme,serial=1"}};
    it.disks.front().file = root_with_tool("gpt-ext4", "", "", "?offset=4194304");
    it.words += std::string(" ") + kRun;
    const std::string config = printed_config(boot(it));
    check_line(config, "modules     nvme");
    check_line(config,
               "# / is /dev/nvme0n1p2, ext4 (/proc/self/mountinfo); /etc/fstab does not have it.");
    check_line(config, "mount       UUID={gpt-ext4:2.uuid} /newroot   type=ext4 options=kernel");
    it.config = config;
    check_hand_over(boot(it));
}

TEST_CASE("host config: a btrfs that is mounted to be repaired") {
    Boot it;
    it.config =
        "set on-failure poweroff\nmodules virtio_pci virtio_blk btrfs\n"
        "mount LABEL={btrfs.label} /newroot   options=noatime\n"
        "mount /proc /newroot/proc   options=bind\n"
        "mount /sys /newroot/sys   options=rbind\n"
        "exec /bin/prologue config --host --sysroot /newroot\npoweroff\n";
    it.disks = {{"btrfs"}};
    it.image_options = {"--add", settings().build + "/prologue:/bin/prologue"};
    const Transcript text = boot(it);
    text.has("# / is /dev/vda, btrfs (/proc/self/mountinfo); /etc/fstab does not have it.");
    text.has(
        with_identifiers("mount       UUID={btrfs.uuid} /newroot   type=btrfs options=kernel"));
}

TEST_CASE("host config: a container behind virtio-scsi, with the name that crypttab gives it") {
    const std::string file = root_with_tool("ext4", "/dev/mapper/vault / ext4 defaults 0 1\n",
                                            "vault LABEL=Vault none luks,discard\n"
                                            "vault /dev/sda none luks,discard,tries=2\n");
    Disk disk = encrypted({.kind = "pbkdf2", .file = file});
    disk.device = "scsi-hd";
    Boot it = boot_with(disk, "modules virtio_scsi sd_mod\ndecrypt /dev/sda -> plain\n");
    it.qemu = {"-device", "virtio-scsi-pci"};
    it.words += std::string(" ") + kRun;
    const auto boot_and_type = [&] {
        Vm vm(machine_of(it));
        answer(vm, {kPassphrase}, 2 + (it.config.find("tries=2") == std::string::npos), "/dev/sda");
        vm.finish();
        check_end(vm, End::kPowerOff);
        return vm.transcript();
    };
    const std::string config = printed_config(boot_and_type());
    const ProgramEnd uuid = run_program({"cryptsetup", "luksUUID", file});
    check_line(config,
               "# / is in the LUKS2 container /dev/sda (/etc/crypttab:2, where it is "
               "'vault'; now it is open as 'plain').");
    check_line(config, "decrypt     UUID=" + uuid.output.substr(0, uuid.output.find('\n')) +
                           " -> vault   key=prompt discard=yes tries=2 on-failure=poweroff");
    check_line(config, "mount       vault /newroot   type=ext4 options=kernel");
    it.config = config;
    const Transcript text = boot_and_type();
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/mapper/vault *");
}

TEST_CASE("host config: a key file of the root opens it from the image") {
    const std::string file = root_with_tool("ext4", "/dev/mapper/vault / ext4 defaults 0 1\n",
                                            "vault /dev/vda /etc/marker luks,keyfile-size=4\n");
    Boot it = boot_with(encrypted({.kind = "pbkdf2", .passphrase = "ext4", .file = file}),
                        "decrypt /dev/vda -> plain   key=/etc/marker keyfile-size=4\n");
    it.image_options = {"--add", added("ext4\n", "/etc/marker")};
    it.words += std::string(" ") + kRun;
    it.config = printed_config(boot(it));
    check_line(
        it.config,
        "# The key lies in the image: who may read that, /boot included, may open the disk.");
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/mapper/vault *");
}

}  // namespace prologue::qemu_tests
