// SPDX-License-Identifier: MIT
// A person at the machine comes before every policy.
#include <doctest/doctest.h>

#include "tests/qemu/failure_case.h"
#include "tests/qemu/person.h"

namespace prologue::qemu_tests {
namespace {

// The root never comes. Line 3 waits for it, for longer than the test may take; whatever the policy
// is, it is not what the person wants.
Boot waiting_boot(const std::string& drivers, const std::string& policy) {
    Boot it;
    it.config = "set on-failure " + policy + "\nmodules virtio_pci " + drivers +
                "\nmount LABEL=nowhere /newroot   timeout=50s\nswitch_root /newroot\n";
    return it;
}

}  // namespace

TEST_CASE("person: the power button ends a wait for a device and switches off") {
    Boot it = waiting_boot("button evdev", "reboot");
    it.words = "prologue.log=debug";
    Vm vm(machine_of(it));
    // What is pressed before PID 1 looks for a button is lost.
    // The keyboard is event0, and has such a key as well.
    if (!vm.wait_for("prologue: power button: /dev/input/event1")) return;
    must(vm, kPressPower);
    vm.finish();
    vm.transcript().has("prologue: powering off (power button)");
    check_end(vm, End::kPowerOff);
    vm.transcript().has_block(
        "/etc/prologue.conf:3:1: error: mount: the power button was pressed\n"
        "    3 | mount LABEL=nowhere /newroot   timeout=50s\n"
        "      | ^~~~~");
    vm.transcript().lacks("prologue: rebooting*");
}

TEST_CASE("person: the power button while the rescue shell is open") {
    Boot it;
    it.config = "modules button evdev\nwrite /proc/sys/kernel/nothing 1\npoweroff\n";
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: the rescue shell is open (on-failure=rescue)")) return;
    must(vm, kPressPower);
    vm.finish();
    vm.transcript().has("*prologue: powering off (power button)");
    check_end(vm, End::kPowerOff);
}

TEST_CASE("person: Ctrl-Alt-Del reboots, whatever the policy") {
    Boot it = waiting_boot("virtio_blk", "poweroff");
    it.words = "prologue.log=debug";
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: line 3: * begins, within 50 s")) return;
    must(vm, kPressCtrlAltDel);
    vm.finish();
    vm.transcript().has("prologue: rebooting (Ctrl-Alt-Del)");
    check_end(vm, End::kReboot);
    vm.transcript().has("*error: mount: Ctrl-Alt-Del was pressed");
}

}  // namespace prologue::qemu_tests
