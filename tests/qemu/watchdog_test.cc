// SPDX-License-Identifier: MIT
// The watchdog of QEMU's chipset, on a kernel that has its driver: the generic one of Debian. Its time
// goes on while this machine is busy, so each bound is far from what it is compared with.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

// False where it cannot be tried out.
bool has_watchdog() {
    return has_driver("i6300esb");
}

// A root whose watchdog counts these seconds, with some lines before it is mounted.
Boot boot_with_watchdog(const std::string& setting, const std::string& lines = {}) {
    Boot it;
    it.config = "set watchdog " + setting + "\nmodules i6300esb virtio_pci virtio_blk ext4\n" +
                lines + "mount UUID={ext4.uuid} /newroot\nswitch_root /newroot\n";
    it.disks = {{"ext4"}};
    it.qemu = {"-device", "i6300esb", "-action", "watchdog=reset"};
    it.words = "prologue.on-failure=poweroff ";
    return it;
}

// The machine must be reset by its watchdog, and by nothing else.
Transcript boot_to_reset(const Boot& boot, Where where = Where::current()) {
    Vm vm(machine_of(boot));
    vm.wait_for_event("WATCHDOG", where);
    vm.finish();
    check_end(vm, End::kReboot, where);
    return vm.transcript();
}

// From the program `gate` on its second disk does not answer, and these lines run. The guest's clock
// counts instructions and skips its idle time, so that minutes of it pass in seconds.
Boot boot_to_held_up_disk(const std::string& lines) {
    Boot it = boot_with_watchdog("5s");
    it.config =
        "set watchdog 5s\nmodules i6300esb virtio_pci virtio_blk ext4\n"
        "exec timeout=forever /bin/gate\n" +
        lines + "poweroff\n";
    it.disks.push_back({"ext4"});
    for (const char* program : {"gate", "stuck", "ticker"})
        it.image_options.insert(it.image_options.end(), {"--add", trouble_program(program)});
    it.qemu.insert(it.qemu.end(), {"-icount", "shift=3,sleep=off"});
    // It would tell of what the test is about, in a trace that other tests take for a fault.
    it.words += "sysctl.kernel.hung_task_timeout_secs=0";
    return it;
}

}  // namespace

TEST_CASE("watchdog: a healthy boot is not reset, and the real init finds it still counting") {
    if (!has_watchdog()) return;
    const Transcript text = boot(boot_with_watchdog("20s"));
    text.has("prologue: watchdog i6300ESB timer, 20 s");
    text.has("watchdog: watchdog0: watchdog did not stop!");
    check_hand_over(text);
}

TEST_CASE("watchdog: a stage of three times its time is fed for, up to its deadline") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("5s", "exec timeout=15s on-failure=continue /bin/spin\n");
    it.image_options = {"--add", guest_program("spin")};
    it.words += "guest.feed=1";
    const Transcript text = boot(it);
    text.has("prologue: exec*was still at work after 15 s and was ended*");
    text.has("guest: watchdog fed");
}

TEST_CASE("watchdog: PID 1 that hangs is reset") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("5s", "write /proc/sys/kernel/panic 0\n");
    it.image_options = with_faults();
    it.words += "guest.fault=3:pid1-loop";
    const Transcript text = boot_to_reset(it);
    text.has("prologue: watchdog i6300ESB timer, 5 s");
    text.lacks("guest: hello*");
}

TEST_CASE("watchdog: handover=keep resets a real init that does not feed it") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("5s handover=keep");
    it.words += "guest.wait=40";
    const Transcript text = boot_to_reset(it);
    text.has("guest: hello from the real root");
    text.lacks("guest: end");
}

TEST_CASE("watchdog: a real init that feeds it lives") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("5s handover=keep");
    it.words += "guest.feed=15";
    boot(it).has("guest: watchdog fed");
}

// Only one process may have a watchdog open, and what is stuck in the kernel outlives the hand-over.
TEST_CASE("watchdog: a real init can open it though a stage is stuck") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("20s handover=keep");
    it.config =
        "set watchdog 20s handover=keep\nmodules i6300esb virtio_pci virtio_blk ext4\n"
        "exec /bin/gate\nmount /dev/vdb /mnt   type=ext4 timeout=1s on-failure=continue\n"
        "mount /dev/vda /newroot\nswitch_root /newroot\n";
    it.image_options = {"--add", trouble_program("gate")};
    it.disks.push_back({"ext4"});
    it.words += "guest.feed=1";
    Vm vm(machine_of(it));
    if (!hold_up(vm)) return;
    if (!vm.wait_for("guest: watchdog fed")) return;
    throttle(vm, "0");  // which the kernel's own stop would wait for
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("prologue: mount: stuck in kernel*");
}

TEST_CASE("watchdog: a stage that is stuck is no reset where its policy can act") {
    if (!has_watchdog()) return;
    Vm vm(machine_of(boot_to_held_up_disk("mount /dev/vdb /mnt   type=ext4 timeout=1s\n")));
    if (!hold_up(vm)) return;
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    text.has("*error: mount: stuck in kernel");
    text.has("prologue: powering off in 0 ms (on-failure=poweroff)");
    // What waits for the disks then takes twice the watchdog's time.
    CHECK(text.time_of("reboot: Power down") - text.time_of("prologue: exec /bin/gate, * ms") > 10);
}

// The kernel looks for a hibernated system under the lock that each reboot(2) takes, so that neither
// the stage's child can be ended nor the one that is to stop the machine.
TEST_CASE(
    "watchdog: a stage that cannot be ended keeps the machine from stopping, so it is reset") {
    if (!has_watchdog()) return;
    Vm vm(machine_of(boot_to_held_up_disk(
        "exec /bin/ticker 100\nexec timeout=1s on-failure=continue /bin/stuck\n"
        "write /sys/power/resume /dev/vdb   timeout=1s\n")));
    if (!hold_up(vm)) return;
    vm.wait_for_event("WATCHDOG");
    vm.finish();
    check_end(vm, End::kReboot);
    const Transcript text = vm.transcript();
    text.has("*error: write: stuck in kernel");
    text.has("prologue: powering off in 0 ms (on-failure=poweroff)");
    // It is fed as long as the stop may take.
    text.has("ticker: 100 s");
    text.lacks("reboot: Power down");
}

TEST_CASE("watchdog: handover=stop leaves a real init alone") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("5s handover=stop");
    it.words += "guest.wait=15";
    const Transcript text = boot(it);
    text.has("guest: hello from the real root");
    text.lacks("*watchdog did not stop!*");
    text.has("guest: end");
}

TEST_CASE("watchdog: while a person is waited for it is fed") {
    if (!has_watchdog()) return;
    Boot it = boot_with_watchdog("5s", "write /proc/sys/kernel/nothing 1\n");
    it.words = "";
    it.config = "set rescue-timeout 15s\n" + it.config;
    const Transcript text = boot(it, End::kReboot);
    text.has("prologue: watchdog i6300ESB timer, 5 s");
    text.has("*error: open /proc/sys/kernel/nothing: No such file or directory (ENOENT)");
}

}  // namespace prologue::qemu_tests
