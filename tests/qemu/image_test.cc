// SPDX-License-Identifier: MIT
// Images in every form that the tool writes, as the kernel takes them.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kRoot[] =
    "modules virtio_pci virtio_blk ext4\nmount UUID={ext4.uuid} /newroot\n"
    "exec /bin/hello unpacked\nswitch_root /newroot\n";

void check_compression(const std::string& name, Where where = Where::current()) {
    Boot it;
    it.config = "exec /bin/hello unpacked\npoweroff\n";
    it.image_options = {"--compress", name, "--add", guest_program("hello")};
    const Transcript text = boot(it, End::kPowerOff, where);
    text.has("hello: argv[1]=unpacked", where);
    text.lacks("*Initramfs unpacking failed*", where);
}

}  // namespace

TEST_CASE("image: gzip") {
    check_compression("gzip");
}
TEST_CASE("image: zstd") {
    check_compression("zstd");
}
TEST_CASE("image: xz") {
    check_compression("xz");
}
TEST_CASE("image: lz4") {
    check_compression("lz4");
}
TEST_CASE("image: uncompressed") {
    check_compression("none");
}

TEST_CASE("image: from the list that the tool itself wrote") {
    const std::string list = build_image(
        {kRoot, {"--format", "list", "--add", guest_program("hello")}, "", "image.list"});
    Machine machine;
    machine.image = work_folder() + "/from-list";
    machine.disks = {{"ext4"}};
    machine.words = "prologue.on-failure=poweroff";
    const ProgramEnd end = run_tool({"initramfs", "--from", list, "-o", machine.image});
    CHECK_MESSAGE(end.status == 0, end.output);
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_hand_over(vm.transcript());
    vm.transcript().has("hello: argv[1]=unpacked");
}

TEST_CASE("image: a compressed archive behind a compressed archive") {
    const std::string first =
        build_image({kRoot, {"--compress", "zstd", "--add", guest_program("hello")}});
    const std::string second = build_image({"exec /bin/hello second\npoweroff\n",
                                            {"--compress", "xz", "--add", guest_program("hello")},
                                            "",
                                            "second"});
    Machine machine;
    machine.image = join_archives(first, second);
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("hello: argv[1]=second");
}

TEST_CASE("image: locked and deaf to the command line") {
    Boot it;
    it.config = "set on-failure poweroff\n" + std::string(kDrivers) +
                "mount UUID={ext4.uuid} /newroot\nswitch_root /newroot\n";
    const std::string other = work_folder() + "/other.conf";
    write_file(other, "reboot\n");
    it.image_options = {"--locked", "--add", other + ":/etc/other.conf"};
    it.disks = {{"ext4"}};
    it.qemu = {"-fw_cfg", "name=opt/prologue/config,file=" + other};
    it.words =
        "init=/etc rw prologue.config=/etc/other.conf prologue.on-failure=reboot "
        "prologue.rescue prologue.break=mount prologue.timeout=1ms prologue.debug-exit "
        "virtio_blk.queue_depth=7 guest.cat=/sys/module/virtio_blk/parameters/queue_depth";
    const Transcript text = boot(it);
    text.has("guest: cat /sys/module/virtio_blk/parameters/queue_depth: 0");
    check_hand_over(text);
    text.has("prologue: switch_root /dev/vda (ext4) -> /sbin/init, * ms");
    text.has("guest: root fstype=ext4 source=/dev/vda options=ro,relatime *");
}

TEST_CASE("image: locked and failing asks nobody") {
    Boot it;
    it.config = "write /proc/sys/kernel/nothing 1\npoweroff\n";
    it.image_options = {"--locked"};
    it.words = "prologue.debug-exit prologue.on-failure=rescue";
    const Transcript text = boot(it, End::kReboot);
    text.has("prologue: rebooting in 0 ms (on-failure=reboot)");
    text.lacks("*rescue shell*");
    text.lacks("*rescue] #*");
}

TEST_CASE("image: locked with a broken config asks nobody") {
    Boot it;
    it.config = "poweroff\n";
    it.image_options = {"--locked"};
    it.unchecked_config = "powerof\n";
    const Transcript text = boot(it, End::kReboot);
    text.has("*:1:1: error: unknown stage 'powerof'");
    text.has("prologue: nothing of this config was run");
    text.lacks("*rescue*");
}

}  // namespace prologue::qemu_tests
