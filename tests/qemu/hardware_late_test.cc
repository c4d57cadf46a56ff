// SPDX-License-Identifier: MIT
// A disk of a PC that is there, and takes its time to answer: what reads it is in D state until then.
#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/hardware.h"
#include "tests/qemu/image.h"

namespace prologue::qemu_tests {
namespace {

// The root on AHCI. The config's lines stand in front of its mount.
Boot boot_with_late_disk(const std::string& lines, const std::string& timeout) {
    Boot it = boot_on({"ext4", "ide-hd,bus=ide.0"}, {"-M", "q35"});
    it.config = "set on-failure poweroff\n" + lines +
                "mount UUID={ext4.uuid} /newroot   timeout=" + timeout + "\nswitch_root /newroot\n";
    it.words = "prologue.log=debug";
    it.image_options.insert(it.image_options.end(),
                            {"--add", trouble_program("gate"), "--add", trouble_program("ticker")});
    return it;
}

// Answers when three seconds of the guest's clock have passed. No policy has acted until then.
void check_late(Vm& vm, Where where = Where::current()) {
    if (!hold_up(vm, "drive0", where) || !vm.wait_for("ticker: 3 s", where)) return;
    throttle(vm, "0", "drive0", where);
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    const Transcript text = vm.transcript();
    check_hand_over(text, where);
    text.has("guest: root fstype=ext4 source=/dev/sda *", where);
    text.has_order("ticker: 3 s", "prologue: mount /dev/sda (ext4) on /newroot, *", where);
    text.lacks("*error: *", where);
    text.lacks("*(on-failure=poweroff)*", where);
}

}  // namespace

// The kernel itself waits for its table of partitions.
TEST_CASE("hardware: a disk that answers three seconds late") {
    if (!has_drivers()) return;
    Vm vm(
        machine_of(boot_with_late_disk("exec /bin/gate\nexec /bin/ticker\nmodules auto\n", "30s")));
    check_late(vm);
}

// Its partitions are known, and its superblock comes late.
TEST_CASE("hardware: a root whose superblock comes three seconds late") {
    if (!has_drivers()) return;
    Vm vm(
        machine_of(boot_with_late_disk("modules auto\nexec /bin/gate\nexec /bin/ticker\n", "30s")));
    check_late(vm);
    CHECK(vm.transcript().number_behind("prologue: mount /dev/sda (ext4) on /newroot, ") > 2500);
}

TEST_CASE("hardware: a root that answers later than is waited for it") {
    if (!has_drivers()) return;
    Vm vm(machine_of(boot_with_late_disk("modules auto\nexec /bin/gate\n", "2s")));
    if (!hold_up(vm, "drive0") || !vm.wait_for("prologue: powering off in *")) return;
    throttle(vm, "0", "drive0");  // which the kernel's own stop would wait for
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    text.has_block(with_identifiers(
        R"(/etc/prologue.conf:4:1: error: mount: stuck in kernel
    4 | mount UUID={ext4.uuid} /newroot   timeout=2s
      | ^~~~~
  seen: mount was waiting in *; not answered yet: sda
  seen: stack: *
  hint: a disk or a driver does not answer; the kernel's log may say more)"));
    text.lacks("guest: *");
}

}  // namespace prologue::qemu_tests
