// SPDX-License-Identifier: MIT
// Consoles that are missing, doubled or held: none of them may stop a boot.
#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/failure_case.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kXoff[] = "\x13";  // Ctrl-S
constexpr char kXon[] = "\x11";   // Ctrl-Q

// A machine whose serial line nobody looks at tells by its end which init ran last: the real one
// restarts it, prologue would switch it off, and after a panic it would stand still.
Boot boot_in_the_dark(const std::string& consoles) {
    Boot it = boot_of_root();
    it.consoles = consoles;
    it.words += " guest.reboot panic=0";
    return it;
}

// Line 3 fails.
Boot failing_boot(const std::string& second_line) {
    Boot it;
    it.config = kPowerOffOnFailure + second_line + "\nwrite /proc/sys/kernel/nothing 1\npoweroff\n";
    return it;
}

void check_shown(const Transcript& text, Where where = Where::current()) {
    text.has_block(
        "/etc/prologue.conf:3:1: error: open /proc/sys/kernel/nothing: No such file or directory "
        "(ENOENT)\n"
        "    3 | write /proc/sys/kernel/nothing 1\n"
        "      | ^~~~~\n"
        "  hint: the driver that makes this file may not be loaded",
        where);
    text.has(kPoweringOff, where);
}

}  // namespace

TEST_CASE("console: no node of it in the archive") {
    Boot it = boot_of_root();
    // The kernel's built-in archive brings a node of its own, which this socket replaces.
    const std::string list = work_folder() + "/base.list";
    write_file(list, "dir /dev 755 0 0\nsock /dev/console 600 0 0\n");
    it.config = "exec /bin/hello\n" + it.config;
    it.image_options = {"--from", list, "--add", guest_program("hello")};
    const Transcript text = boot(it);
    text.has("Warning: unable to open an initial console.");
    text.has("hello from exec");
    check_hand_over(text);
}

TEST_CASE("console: console=null beside a serial line") {
    Boot it = boot_of_root();
    it.words += " console=null";
    check_hand_over(boot(it));
}

TEST_CASE("console: console=null alone") {
    const Transcript text = boot(boot_in_the_dark("console=null"), End::kReboot);
    text.lacks("*prologue: *");
}

TEST_CASE("console: a failure with console=null and a console of the config") {
    Boot it = failing_boot("set console ttyS0");
    it.consoles = "console=null";
    check_shown(boot(it));
}

TEST_CASE("console: one that does not exist beside one that does") {
    Boot it = boot_of_root();
    it.words += " console=ttyS9";
    check_hand_over(boot(it));
}

TEST_CASE("console: a serial line that does not exist, alone") {
    Boot it = boot_of_root();
    it.consoles = "console=ttyS9";
    const Transcript text = boot(it);
    text.has("printk: console [ttyS0] enabled");  // the kernel's choice
    check_hand_over(text);
}

TEST_CASE("console: one without a driver, alone") {
    const Transcript text = boot(boot_in_the_dark("console=ttyAMA0"), End::kReboot);
    text.lacks("*prologue: *");
}

// The kernel takes only one console of a driver: of "console=ttyS1 console=ttyS0" it is the first.
TEST_CASE("console: a failure is shown on the kernel's and on the config's") {
    Boot it = failing_boot("set console ttyS1");
    const std::string second = work_folder() + "/second";
    it.qemu = {"-chardev", "file,id=second,path=" + second, "-serial", "chardev:second"};
    const Transcript first = boot(it);
    check_shown(first);
    check_shown(Transcript(read_file(second)));
}

TEST_CASE("console: a failure is shown on two of the kernel's, one of them a module's") {
    Boot it = failing_boot("exec /bin/gate");
    // The host adds the console's port when the driver is already at work.
    it.config.replace(0, sizeof kPowerOffOnFailure - 1, "modules virtio_pci virtio_console\n");
    it.words = "prologue.on-failure=poweroff";
    it.image_options = {"--add", trouble_program("gate")};
    it.consoles = "console=hvc0 console=ttyS0";
    const std::string second = work_folder() + "/second";
    it.qemu = {"-chardev", "file,id=second,path=" + second, "-device", "virtio-serial-pci",
               "-device",  "virtconsole,chardev=second"};
    Vm vm(machine_of(it));
    if (!vm.wait_for("printk: console [hvc0] enabled") || !vm.wait_for("gate: closed")) return;
    vm.send("\n");
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_shown(vm.transcript());
    check_shown(Transcript(read_file(second)));
}

TEST_CASE("console: Ctrl-S does not hold up a boot") {
    Boot it = boot_of_root();
    it.disks = {
        {"ext4", ""}};  // plugged in behind the key, so that the hand-over is behind it, too
    Vm vm(machine_of(it));
    if (!vm.wait_for(kDriversLoaded)) return;
    vm.send(kXoff);
    plug_in(vm);
    // The kernel's own log goes past the terminal, which the real init then writes to.
    if (!vm.wait_for("prologue: switch_root /dev/vda (ext4) -> /sbin/init, * ms")) return;
    vm.send(kXon);
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_hand_over(vm.transcript());
}

namespace {

constexpr char kNowhereBlock[] =
    R"(/etc/prologue.conf:3:1: error: find LABEL=nowhere: timed out after 2 s
    3 | mount LABEL=nowhere /newroot   timeout=2s
      | ^~~~~
  seen: no block devices at all
  hint: *)";

Failure nowhere(const std::string& words) {
    return {.line = "mount LABEL=nowhere /newroot   timeout=2s",
            .disks = {},
            .block = kNowhereBlock,
            .words = words,
            .bound = 2};
}

}  // namespace

// The line is started again before the machine stops, so that what is behind it gets all.
TEST_CASE("console: Ctrl-S neither holds up a failure nor loses it") {
    const Failure failure = nowhere("");
    Vm vm(machine_of(boot_of(failure)));
    if (!vm.wait_for(kDriversLoaded)) return;
    vm.send(kXoff);
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_failed(failure, vm.transcript());
}

TEST_CASE("console: Ctrl-Q within the failure delay shows the failure") {
    constexpr int kDelay = 4;
    Boot it =
        boot_of(nowhere("prologue.on-failure=poweroff loglevel=8 panic=" + std::to_string(kDelay)));
    it.config.replace(0, sizeof kPowerOffOnFailure - 1, "set console ttyS1\n");
    const std::string second = work_folder() + "/second";
    it.qemu = {"-chardev", "file,id=second,path=" + second, "-serial", "chardev:second"};
    Vm vm(machine_of(it));
    if (!vm.wait_for(kDriversLoaded)) return;
    vm.send(kXoff);
    // The kernel's log, debugging included, goes past the terminal.
    constexpr char kLogged[] = "prologue: prologue: powering off in 4 s (on-failure=poweroff)";
    if (!vm.wait_for(kLogged)) return;
    vm.transcript().lacks("prologue: powering off *");  // the terminal is held indeed
    vm.send(kXon);
    if (!vm.wait_for("prologue: powering off in 4 s (on-failure=poweroff)")) return;
    vm.transcript().lacks("reboot: Power down");
    vm.transcript().has_block(kNowhereBlock);
    Transcript(read_file(second)).has_block(kNowhereBlock);  // it did not wait for the other
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().takes_at_most(kDelay + 1, kLogged, "reboot: Power down");
}

}  // namespace prologue::qemu_tests
