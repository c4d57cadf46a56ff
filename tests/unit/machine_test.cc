// SPDX-License-Identifier: MIT
// The config of a running machine, and an image for it, from a machine made of files.
#include "images/machine/machine.h"

#include "images/luks_header.h"
#include "images/machine/config_text.h"
#include "images/machine/host_image.h"
#include "tests/unit/machine_folder.h"

namespace prologue::images {
namespace {

// The lines that are no comments.
std::string plain(const std::string& text) {
    std::string lines;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        if (!line.empty() && line[0] != '#') lines.append(line).append("\n");
    }
    return lines;
}

// The config, planned without a complaint; else what is wrong.
std::string config_of(const MachineFolder& folder) {
    const Result<Machine> machine = folder.read();
    if (!machine) return describe(machine.error()) + "\n";
    Problems problems;
    const HostConfig config = plan_machine(*machine, HostPlanOptions(), problems);
    return problems.text() + plain(config.source->text);
}

std::string whole_config(const MachineFolder& folder) {
    const Result<Machine> machine = folder.read();
    return machine ? config_text(*machine, false) : describe(machine.error());
}

std::string config_in(const Built& built) {
    const Entry* config = built.archive.find("etc/prologue.conf");
    return config != nullptr ? config->content : "no config";
}

constexpr const char* kStart = "set         on-failure rescue\nmodules     virtio_pci virtio_blk\n";
constexpr const char* kEnd = "switch_root /newroot\n";
std::string config_with(const std::string& lines) {
    return kStart + lines + kEnd;
}
constexpr const char* kDecrypt =
    "decrypt     UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11 -> vda2_crypt   ";
constexpr const char* kMountCrypt = "mount       vda2_crypt /newroot   type=ext4 options=kernel\n";

std::string with_crypttab(const std::string& crypttab) {
    MachineFolder folder;
    encrypted_root(folder, crypttab);
    return config_of(folder);
}

}  // namespace

TEST_CASE("machine: each line of the config has its reason") {
    MachineFolder folder;
    plain_root(folder);
    folder.keyboard();
    CHECK(
        whole_config(folder) ==
        R"(# prologue.conf of this machine, as 'prologue config --host' found it running Linux 6.1.0-test.
# It is yours to edit: 'prologue check' reads it, 'prologue initramfs' builds an image of it.

# After a failure: 'rescue' opens a shell on the console, 'reboot' goes back to the boot menu.
set         on-failure rescue

# Drivers of /dev/vda, by its path in /sys:
#   virtio_pci: /sys/devices/pci0000:00/0000:00:04.0
#   virtio_blk: /sys/devices/pci0000:00/0000:00:04.0/virtio1
modules     virtio_pci virtio_blk

# Drivers of the keyboards. Nothing is typed in a boot that goes well; without the '#' of the
# line they serve the rescue shell on a screen:
#   atkbd: /sys/devices/platform/i8042/serio0
# modules     atkbd

# / is /dev/vda1, ext4 (/proc/self/mountinfo); /etc/fstab:3 has its options.
# Read-only, unless the kernel command line says rw: the real system checks it first.
# 'kernel' is rootflags= and its kin, which come last.
mount       UUID=2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11 /newroot   type=ext4 options=noatime,errors=remount-ro,kernel

# The init is that of init= on the kernel command line, or the kernel's own choice.
switch_root /newroot
)");
}

TEST_CASE("machine: an encrypted root, with the name and the words of its crypttab") {
    MachineFolder folder;
    encrypted_root(folder,
                   "# <name> <device>\n"
                   "swap /dev/vda9 /dev/urandom swap,cipher=aes-xts-plain64\n"
                   "vda2_crypt UUID=6A1C4E5E-8D1C-4F0E-9A59-0D2F5D3C7B11 none "
                   "luks,discard,tries=0,timeout=90,initramfs,x-systemd.device-timeout=10\n");
    folder.keyboard();
    CHECK(config_of(folder) ==
          config_with("modules     atkbd\n" + std::string(kDecrypt) +
                      "key=prompt discard=yes tries=100 timeout=90s on-failure=poweroff\n" +
                      kMountCrypt));
    const std::string text = whole_config(folder);
    CHECK(text.find("# / is in the LUKS2 container /dev/vda2 (/etc/crypttab:3).\n") !=
          std::string::npos);
    CHECK(text.find("# Drivers of the keyboards, for the passphrase:\n") != std::string::npos);
}

TEST_CASE("machine: a passphrase and no keyboard, or one that a program makes") {
    for (const bool is_made : {false, true}) {
        CAPTURE(is_made);
        MachineFolder folder;
        encrypted_root(folder, "vda2_crypt /dev/vda2\n");
        const std::string made = "/sys/devices/virtual/misc/uhid/0005:04E8:7021.0001";
        if (is_made) folder.driver(made, "hid_generic");
        if (is_made) folder.keys_at(made + "/input/input0");
        CHECK(whole_config(folder).find("# No keyboard is plugged in now.") != std::string::npos);
    }
}

TEST_CASE("machine: a container that runs under another name, or is in no crypttab") {
    CHECK(
        with_crypttab("home /dev/vda2\n") ==
        config_with("decrypt     UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11 -> home   key=prompt "
                    "on-failure=poweroff\nmount       home /newroot   type=ext4 options=kernel\n"));
    CHECK(with_crypttab("") ==
          config_with(std::string(kDecrypt) + "key=prompt on-failure=poweroff\n" + kMountCrypt));
}

TEST_CASE("machine: what crypttab says and nobody here understands has its place") {
    const std::string text =
        with_crypttab("vda2_crypt /dev/vda2 none luks,keyscript=/lib/x,no-read-workqueue\n");
    CHECK(text.find(
              "/etc/crypttab:1:32: error: 'decrypt' has no word for the option "
              "'keyscript=/lib/x'\n"
              "    1 | vda2_crypt /dev/vda2 none luks,keyscript=/lib/x,no-read-workqueue\n") == 0);
    CHECK(text.find("/etc/crypttab:1:49: warning: the option 'no-read-workqueue' is left out") !=
          std::string::npos);
    CHECK(with_crypttab("vda2_crypt\n").find(":1:1: error: the line names no device") !=
          std::string::npos);
    CHECK(with_crypttab("vda2_crypt /dev/vda2 /dev/sdb\n")
              .find("cannot take a key from '/dev/sdb'") != std::string::npos);
    CHECK(with_crypttab("vda2_crypt /dev/vda2 - tries=many\n").find("cannot take 'tries=many'") !=
          std::string::npos);
    CHECK(with_crypttab("vda2_crypt /dev/vda2 - header=hdr\n").find("cannot take 'header=hdr'") !=
          std::string::npos);
    CHECK(with_crypttab("vda2_crypt /dev/vda2 - timeout=soon\n").find("take 'timeout=soon'") !=
          std::string::npos);
    CHECK(with_crypttab("a:b UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11\n")
              .find("/etc/crypttab:1:1: error: 'a:b' cannot be the name of a device") !=
          std::string::npos);
}

TEST_CASE("machine: key files, on the root, on a stick, and one that is not there") {
    MachineFolder folder;
    folder.file("/etc/root.key", "secret");
    encrypted_root(folder, "vda2_crypt /dev/vda2 /etc/root.key keyfile-size=6,tries=3\n");
    CHECK(config_of(folder) ==
          config_with(std::string(kDecrypt) + "key=/etc/root.key keyfile-size=6\n" + kMountCrypt));
    CHECK(whole_config(folder).find("# The key lies in the image: who may read that") !=
          std::string::npos);
    CHECK(with_crypttab("vda2_crypt /dev/vda2 /root.key:LABEL=stick\n") ==
          config_with(std::string(kDecrypt) + "key=/root.key key-device=LABEL=stick\n" +
                      kMountCrypt));
    const std::string gone = with_crypttab("vda2_crypt /dev/vda2 /gone.key keyfile-size=6\n");
    CHECK(gone.find("/etc/crypttab:1:22: warning: the key file '/gone.key' is no file of the root "
                    "filesystem") == 0);
    CHECK(gone.find(std::string(kDecrypt) + "key=prompt on-failure=poweroff\n") !=
          std::string::npos);
}

TEST_CASE("machine: /usr of its own, in a container whose key lies on the root") {
    MachineFolder folder;
    plain_root(folder);
    folder.mapping("usr", MachineFolder::kLuks, "vda2");
    folder.mount("253:0 / /usr ro shared:2 - xfs /dev/mapper/usr ro");
    folder.file("/etc/usr.key", "secret");
    folder.file("/etc/crypttab", "usr /dev/vda2 /etc/usr.key luks\n");
    folder.file("/etc/fstab", "/dev/mapper/usr /usr xfs ro,noatime 0 0\n");
    CHECK(config_of(folder) ==
          config_with("mount       UUID=2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11 /newroot   type=ext4 "
                      "options=kernel\n"
                      "decrypt     UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11 -> usr   "
                      "key=/newroot/etc/usr.key\n"
                      "mount       usr /newroot/usr   type=xfs options=noatime\n"));
    const Result<Machine> machine = folder.read();
    REQUIRE_OK(machine);
    CHECK(machine->key_files().empty());
}

TEST_CASE("machine: an overlay on /usr and a bind mount of it are no filesystems of their own") {
    MachineFolder folder;
    plain_root(folder);
    const std::string alone = config_of(folder);
    folder.mount("254:1 /other /usr rw - ext4 /dev/vda1 rw");
    folder.mount("0:40 / /usr ro - overlay sysext ro,lowerdir=/usr");
    CHECK(config_of(folder) == alone);
}

TEST_CASE("machine: a system that is mounted to be repaired is looked for below its directory") {
    MachineFolder folder;
    folder.virtio_disk();
    folder.uuid(MachineFolder::kRootUuid, "vda2");
    folder.mount("0:2 / / rw - tmpfs live rw");
    folder.mount("254:2 / " + folder.directory() + " rw - ext4 /dev/vda2 rw");
    CHECK(config_of(folder) == config_with("mount       UUID=2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11 "
                                           "/newroot   type=ext4 options=kernel\n"));
}

TEST_CASE("machine: a btrfs on two disks, by its source and with its subvolume") {
    MachineFolder folder;
    folder.virtio_disk();
    folder.driver("/sys/devices/pci0000:00/0000:00:05.0", "nvme");
    folder.block("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:0");
    folder.link("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
                "/sys/devices/pci0000:00/0000:00:05.0/nvme/nvme0");
    folder.file("/sys/devices/pci0000:00/0000:00:05.0/nvme/nvme0/state", "live\n");
    const std::string sysfs =
        std::string("/sys/fs/btrfs/") + MachineFolder::kRootUuid + "/devices/";
    folder.link(sysfs + "vda1", "/sys/class/block/vda1");
    folder.link(sysfs + "nvme0n1", "/sys/class/block/nvme0n1");
    folder.mount("0:25 /@ / rw,noatime shared:1 - btrfs /dev/vda1 rw,subvolid=256,subvol=/@");
    folder.mount("0:25 /@/usr /usr rw - btrfs /dev/vda1 rw,subvolid=257,subvol=/@/usr");
    folder.file("/etc/fstab",
                "LABEL=x / btrfs defaults,compress=zstd 0 0\n"
                "LABEL=x /usr btrfs subvol=@usr 0 0\n");
    const std::string uuid = "UUID=2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11 ";
    CHECK(config_of(folder) ==
          config_with("modules     nvme\nmount       " + uuid +
                      "/newroot   type=btrfs options=compress=zstd,subvol=/@,kernel\nmount       " +
                      uuid + "/newroot/usr   type=btrfs options=subvol=@usr\n"));
}

TEST_CASE("machine: drivers that are built in are named only when nothing is loaded") {
    MachineFolder folder;
    plain_root(folder);
    folder.driver("/sys/devices/pci0000:00", "host_bridge", false);
    CHECK(config_of(folder).find("host_bridge") == std::string::npos);
    CHECK(std::system(("rm " + folder.directory() + "/sys/module/virtio_*/initstate").c_str()) ==
          0);
    CHECK(config_of(folder).find("modules     host_bridge virtio_pci virtio_blk\n") !=
          std::string::npos);
    CHECK(
        whole_config(folder).find("# Drivers of /dev/vda, built into the kernel that runs, by its "
                                  "path in /sys:\n") != std::string::npos);
}

TEST_CASE("machine: what cannot be booted from yet says why") {
    MachineFolder overlay;
    overlay.mount("0:45 / / rw - overlay overlay rw,lowerdir=/a");
    CHECK(config_of(overlay) ==
          "boot from overlay (overlay): no disk of this machine has this "
          "filesystem\n");
    MachineFolder lvm;
    lvm.virtio_disk();
    lvm.mapping("vg-root", "LVM-abc", "vda2");
    lvm.mount("253:0 / / rw - ext4 /dev/mapper/vg-root rw");
    CHECK(config_of(lvm) ==
          "boot from /dev/vg-root: it is an LVM volume, which is not supported yet\n");
    MachineFolder raid;
    raid.block("/sys/devices/virtual/block/md0", "9:0");
    raid.mount("9:0 / / rw - ext4 /dev/md0 rw");
    CHECK(config_of(raid) == "boot from /dev/md0: it is a RAID, which is not supported yet\n");
    MachineFolder bound;
    bound.virtio_disk();
    bound.mount("254:1 /sub / rw - ext4 /dev/vda1 rw");
    CHECK(config_of(bound) ==
          "boot from /: it is the directory /sub of /dev/vda1, which is not "
          "supported yet\n");
    CHECK(MachineFolder().read().has_value() == false);
}

TEST_CASE("machine: a filesystem whose UUID nobody has noted is read") {
    MachineFolder folder;
    folder.virtio_disk();
    folder.mount("254:1 / / rw - ext4 /dev/vda1 rw");
    std::string superblock(8192, '\0');  // ext2, with magic, revision 1, block and inode counts
    superblock[1024 + 56] = '\x53';
    superblock[1024 + 57] = '\xef';
    superblock[1024] = superblock[1024 + 4] = 64;
    superblock[1024 + 76] = 1;
    for (int i = 0; i < 16; ++i) superblock[static_cast<std::size_t>(1024 + 104 + i)] = '\x11';
    folder.file("/dev/vda1", superblock);
    CHECK(config_of(folder) == config_with("mount       UUID=11111111-1111-1111-1111-111111111111 "
                                           "/newroot   type=ext4 options=kernel\n"));
    folder.file("/dev/vda1", std::string(8192, '\0'));
    CHECK(config_of(folder) ==
          config_with("mount       /dev/vda1 /newroot   type=ext4 options=kernel\n"));
    folder.link("/dev/disk/by-partuuid/1234abcd-01", "/dev/vda1");
    CHECK(config_of(folder) ==
          config_with("mount       PARTUUID=1234abcd-01 /newroot   type=ext4 options=kernel\n"));
}

TEST_CASE("machine: a device whose name has a slash") {
    MachineFolder folder;
    folder.driver(MachineFolder::kPci, "cciss");
    const std::string disk = std::string(MachineFolder::kPci) + "/cciss0/block/cciss!c0d0";
    folder.block(disk, "104:0");
    folder.partition(disk + "/cciss!c0d0p1", "104:1");
    folder.file("/dev/cciss/c0d0p1", std::string(8192, '\0'));
    folder.mount("104:1 / / rw - ext4 /dev/cciss/c0d0p1 rw");
    CHECK(config_of(folder) ==
          "set         on-failure rescue\nmodules     cciss\n"
          "mount       /dev/cciss/c0d0p1 /newroot   type=ext4 options=kernel\nswitch_root "
          "/newroot\n");
    CHECK(whole_config(folder).find("# Drivers of /dev/cciss/c0d0, by") != std::string::npos);
}

TEST_CASE("machine: an image for it") {
    MachineFolder folder;
    folder.virtio_disk();
    folder.driver(MachineFolder::kPci, "a");
    folder.driver(std::string(MachineFolder::kPci) + "/virtio1", "b");
    folder.uuid(MachineFolder::kRootUuid, "vda1");
    folder.mount("254:1 / / rw - ext4 /dev/vda1 rw");
    ImageRequest request = folder.folder().request();
    request.board = "host";
    request.sysroot = folder.directory();
    const Built built(request);
    CHECK(built.problems.text() == "");
    CHECK(config_in(built).find("modules     a b\n") != std::string::npos);
    CHECK(built.archive.contains("lib/modules/6.1.0-test/kernel/a.ko"));
    CHECK(checked(built.bytes()) == "");

    // With a config of one's own only the drivers come.
    ImageRequest own = folder.folder().request(kPlain);
    own.board = "host";
    own.sysroot = folder.directory();
    const Built with_own(own);
    CHECK(with_own.problems.text() == "");
    CHECK(with_own.archive.contains("lib/modules/6.1.0-test/kernel/a.ko"));
    CHECK(config_in(with_own).starts_with("modules b\n"));

    request.locked = true;
    const Built locked(request);
    CHECK(locked.problems.text() == "");
    CHECK(config_in(locked).find("on-failure reboot") != std::string::npos);
}

TEST_CASE("machine: an image with the key of its crypttab is warned of") {
    MachineFolder folder;
    folder.file("/etc/root.key", "secret");
    encrypted_root(folder, "vda2_crypt /dev/vda2 /etc/root.key\n");
    ImageRequest request = folder.folder().request();
    request.board = "host";
    request.sysroot = folder.directory();
    const Built built(request);
    CHECK(built.says("the image holds the key file /etc/root.key"));
    const Entry* key = built.archive.find("etc/root.key");
    CHECK(key != nullptr);
    if (key != nullptr) CHECK(key->content == "secret");
    // That disk says which ciphers it needs, so a disk that cannot be asked is no guess.
    CHECK(built.says("there is no LUKS header at its start"));
}

TEST_CASE("machine: a kernel that lacks its drivers, and a machine that cannot be read") {
    MachineFolder folder;
    plain_root(folder);
    ImageRequest request = folder.folder().request();
    request.board = "host";
    request.sysroot = folder.directory();
    CHECK(Built(request).says("(host):10:13: error: kernel 6.1.0-test has no module 'virtio_pci'"));
    ImageRequest own = folder.folder().request(kPlain);
    own.board = "host";
    own.sysroot = folder.directory();
    CHECK(
        Built(own).says("warning: kernel 6.1.0-test has no module 'virtio_pci', which drives "
                        "/sys/devices/pci0000:00/0000:00:04.0 now"));
    request.sysroot = folder.folder().at("nowhere");
    const Built nothing(request);
    CHECK(nothing.problems.has_errors());
    CHECK(nothing.says("/nowhere/proc/self/mountinfo: No such file or directory (ENOENT)"));
}

}  // namespace prologue::images
