// SPDX-License-Identifier: MIT
// The smallest root, as the tool makes it: booted by the kernel alone, and through an initramfs.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/minroot.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kProof[] = "exec /bin/hello from the root\npoweroff\n";

std::string root_with_proof() {
    return build_minroot({kProof, {"--add", guest_program("hello")}});
}

// No initramfs: what the kernel needs for it, Debian's cloud kernel has built in.
Transcript boot_alone(const std::string& root, const std::string& words,
                      Where where = Where::current()) {
    Machine machine;
    machine.disks = {{"minroot", "nvme,serial=1", root}};
    machine.words = "root=/dev/nvme0n1 " + words;
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    return vm.transcript();
}

}  // namespace

TEST_CASE("minroot: booted by the kernel, with no initramfs and no init=") {
    const Transcript text = boot_alone(root_with_proof(), "");
    text.has("*VFS: Mounted root (ext* filesystem) readonly*");
    text.has("*Run /sbin/init as init process");
    text.has("hello: argv[1]=from");
    text.has("prologue: exec /bin/hello, * ms");
}

TEST_CASE("minroot: init=/sbin/init says the same") {
    boot_alone(root_with_proof(), "init=/sbin/init rw").has("hello: argv[1]=from");
}

TEST_CASE("minroot: by its label, through an initramfs, from a virtio disk") {
    Boot it;
    it.config = std::string(kDrivers) + "mount LABEL=minroot /newroot\n" + kSwitchRoot;
    it.disks = {{"minroot", "virtio-blk-pci", root_with_proof()}};
    it.words = "prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    text.has("prologue: switch_root /dev/vda (ext2) -> /sbin/init, * ms");
    text.has("hello: argv[1]=from");
}

TEST_CASE("minroot: what is written stays, and the filesystem is whole") {
    const std::string root =
        build_minroot({"mount / options=remount,rw\nexec /bin/hello x\nwrite /etc/note kept\n"
                       "mount / options=remount,ro\npoweroff\n",
                       {"--add", guest_program("hello"), "--add", note() + ":/etc/note"}});
    Machine machine;
    machine.disks = {{"minroot", "nvme,serial=1", root, "snapshot=off"}};
    machine.words = "root=/dev/nvme0n1";
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_filesystem(root);
    const ProgramEnd cat = run_program({"/sbin/debugfs", "-R", "cat /etc/note", root});
    CHECK_MESSAGE(cat.output.find("kept") != std::string::npos, cat.output);
}

}  // namespace prologue::qemu_tests
