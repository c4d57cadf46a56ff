// SPDX-License-Identifier: MIT
// A small kernel of one's own (images/make-kernel, board/kernel/small.config): everything built in, and an
// archive inside it (assets/built-in.conf), as tests/run --own-kernel makes them.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/files.h"
#include "tests/qemu/minroot.h"
#include "tests/qemu/person.h"
#include "tests/qemu/rescue_session.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

// False where it cannot be tried out.
bool has_own_kernel() {
    if (!settings().own_kernel.empty() && !settings().full_kernel.empty()) return true;
    MESSAGE("this test is skipped: 'tests/run --own-kernel' builds the kernel for it");
    return false;
}

constexpr char kWords[] = "prologue.on-failure=poweroff guest.cat=/proc/cmdline ";
constexpr char kInside[] = "the config inside the kernel";

// A machine with the root ext4 and no image: the archive is in the kernel.
Machine machine_with_archive(const std::string& words) {
    Machine machine;
    machine.kernel = settings().full_kernel;
    machine.words = kWords + words;
    machine.disks = {{"ext4"}};
    return machine;
}

// An image without modules.
std::string build_plain_image(const std::string& config, std::vector<std::string> options) {
    std::vector<std::string> words = {"initramfs", "--modules", "none", "-o",
                                      work_folder() + "/image"};
    if (!config.empty()) {
        write_file(work_folder() + "/image.conf", config);
        words.push_back(work_folder() + "/image.conf");
    }
    words.insert(words.end(), options.begin(), options.end());
    const ProgramEnd end = run_tool(words);
    if (end.status != 0) FAIL_CHECK("prologue initramfs: ", end.output);
    return work_folder() + "/image";
}

// The archive comes from outside, with no config.
Machine machine_with_image(const std::string& words) {
    Machine machine = machine_with_archive(words);
    machine.kernel = settings().own_kernel;
    machine.image = build_plain_image({}, {});
    return machine;
}

Transcript boot_root(const Machine& machine, Where where = Where::current()) {
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    check_hand_over(vm.transcript(), where);
    return vm.transcript();
}

// What /proc/mounts shows of rootfs, whose type is the kernel's choice; then the boot goes on.
void boot_through_a_look_at_rootfs(const std::string& words, std::string_view rootfs,
                                   Where where = Where::current()) {
    RescueSession session(
        machine_with_archive(words + " disk=UUID={ext4.uuid} prologue.break=switch_root"), where);
    session.type("cat /proc/mounts", "", where);
    session.leave("continue", End::kPowerOff, where);
    session.vm.transcript().has(rootfs, where);
    check_hand_over(session.vm.transcript(), where);
}

}  // namespace

TEST_CASE("own kernel: the archive inside it boots a root, with nothing from outside") {
    if (!has_own_kernel()) return;
    const Transcript text = boot_root(machine_with_archive("disk=UUID={ext4.uuid}"));
    text.has(kInside);
    text.has("guest: root fstype=ext4 source=/dev/vda *");
    text.has("guest: cat /proc/cmdline: console=ttyS0 *disk=UUID=*");
    text.has("prologue: switch_root /dev/vda (ext4) -> /sbin/init, * ms");
}

// /bin/hello is in the archive inside only, and the config from outside replaces that one's.
TEST_CASE("own kernel: an archive from outside is laid over the one inside it") {
    if (!has_own_kernel()) return;
    Machine machine = machine_with_archive("");
    machine.image = config_archive(
        "exec /bin/hello from inside\nwrite /dev/kmsg \"the config from outside\"\n"
        "mount UUID={ext4.uuid} /newroot\nswitch_root /newroot\n");
    const Transcript text = boot_root(machine);
    text.has("the config from outside");
    text.has("hello: argv[2]=inside");
    text.lacks(kInside);
}

TEST_CASE("own kernel: rdinit=/rescue of the archive inside it, and of one from outside") {
    if (!has_own_kernel()) return;
    for (const Machine& machine :
         {machine_with_archive("rdinit=/rescue"), machine_with_image("rdinit=/rescue")}) {
        RescueSession session(machine);
        session.type("cat /proc/cmdline", "");
        session.leave("poweroff");
        const Transcript text = session.vm.transcript();
        text.has("*Run /rescue as init process");
        text.has("console=ttyS0 *rdinit=/rescue");
        text.lacks(kInside);
    }
}

// Without root= and rootfstype=, and with CONFIG_TMPFS, rootfs is a tmpfs, which shows its size.
TEST_CASE("own kernel: the hand-over from rootfs as tmpfs, and as ramfs") {
    if (!has_own_kernel()) return;
    boot_through_a_look_at_rootfs("", "rootfs / rootfs rw,size=*");
    boot_through_a_look_at_rootfs("rootfstype=tmpfs", "rootfs / rootfs rw,size=*");
    boot_through_a_look_at_rootfs("rootfstype=ramfs", "rootfs / rootfs rw 0 0");
    boot_through_a_look_at_rootfs("root=/dev/vda", "rootfs / rootfs rw 0 0");
}

// The disk of the article about the smallest root: qemu -hda IMG, and no initramfs at all.
TEST_CASE("own kernel: the smallest root on -hda, with no initramfs, has a shell") {
    if (!has_own_kernel()) return;
    Machine machine;
    machine.kernel = settings().own_kernel;
    machine.words = "root=/dev/sda";
    const std::string root = build_minroot({});
    machine.arguments = {"-M", "pc", "-hda", root};
    Vm vm(machine);
    std::size_t from = 0;
    if (!vm.wait_for_text("[minroot] $ ", from)) return;
    vm.send("mount\r");
    if (!vm.wait_for_text("[minroot] $ ", from)) return;
    vm.send("poweroff\r");
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    text.has("*VFS: Mounted root (ext* filesystem) readonly*");
    text.has("/dev/* on / type ext* (ro*)");
    text.has("devtmpfs on /dev type devtmpfs *");
    check_filesystem(root);
}

TEST_CASE("own kernel: the words of the command line find the root on each kind of disk") {
    if (!has_own_kernel()) return;
    struct Place {
        const char *machine, *device, *source;
    };
    constexpr Place kPlaces[] = {{"pc", "virtio-blk-pci", "/dev/vda"},
                                 {"pc", "ide-hd,bus=ide.1", "/dev/sda"},
                                 {"q35", "ide-hd,bus=ide.0", "/dev/sda"},
                                 {"q35", "nvme,serial=1", "/dev/nvme0n1"}};
    Machine machine = machine_with_image("root=UUID={ext4.uuid}");
    for (const Place& place : kPlaces) {
        CAPTURE(place.device);
        machine.arguments = {"-M", place.machine};
        machine.disks = {{"ext4", place.device}};
        boot_root(machine).has("guest: root fstype=ext4 source=" + std::string(place.source) +
                               " *");
    }
}

TEST_CASE("own kernel: a root of squashfs, compressed as mksquashfs does by itself") {
    if (!has_own_kernel()) return;
    Machine machine = machine_with_image("root=/dev/vda");
    machine.disks = {{"squashfs"}};
    boot_root(machine).has("guest: root fstype=squashfs source=/dev/vda *");
}

TEST_CASE("own kernel: it has the keyboard's Ctrl-Alt-Del, the power button, and a screen") {
    if (!has_own_kernel()) return;
    for (const End end : {End::kReboot, End::kPowerOff}) {
        Machine machine = machine_with_archive("rdinit=/rescue");
        machine.consoles = "console=ttyS0 console=tty0";
        machine.arguments = {"-device", "VGA"};
        RescueSession session(machine);
        if (!session.good) return;
        must(session.vm, end == End::kReboot ? kPressCtrlAltDel : kPressPower);
        session.vm.finish();
        check_end(session.vm, end);
        const Transcript text = session.vm.transcript();
        text.has(end == End::kReboot ? "*prologue: rebooting (Ctrl-Alt-Del)"
                                     : "*prologue: powering off (power button)");
        text.has("*printk: console [tty0] enabled");
    }
}

// Before and at the boot.
TEST_CASE("own kernel: it unpacks every compression that an image can have") {
    if (!has_own_kernel()) return;
    for (const char* how : {"gzip", "zstd", "xz", "lz4", "none"}) {
        CAPTURE(how);
        Machine machine;
        machine.kernel = settings().own_kernel;
        machine.words = "disk=/dev/vda " + std::string(kWords);
        machine.image = build_plain_image("mount ${cmdline.disk} /newroot\nswitch_root /newroot\n",
                                          {"--compress", how});
        machine.disks = {{"ext2"}};
        const ProgramEnd checked =
            run_tool({"check", machine.image, "--kernel", settings().own_kernel});
        CHECK_MESSAGE(checked.status == 0, checked.output);
        boot_root(machine).has("guest: root fstype=ext2 source=/dev/vda *");
    }
}

TEST_CASE("own kernel: a line that does not come out in the kernel's config is refused") {
    if (!has_own_kernel()) return;
    const std::string fragment = work_folder() + "/bad.config";
    write_file(fragment, "CONFIG_64BIT=y\nCONFIG_ATA_PIIX=y\n# CONFIG_MMU is not set\n");
    const ProgramEnd end = run_program({PROLOGUE_MAKE_KERNEL, "--config", fragment});
    CHECK(end.status == 1);
    CHECK_MESSAGE(end.output.ends_with("do not come out in the kernel's config:\n"
                                       "CONFIG_ATA_PIIX=y\n# CONFIG_MMU is not set\n"),
                  end.output);
}

}  // namespace prologue::qemu_tests
