// SPDX-License-Identifier: MIT
// An initramfs that is the whole system: services, their ends, and who stops the machine.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/person.h"

namespace prologue::qemu_tests {
namespace {

Boot boot_of_services(const std::string& lines, const std::vector<std::string>& programs) {
    Boot it;
    it.config = lines + "supervise\n";
    it.words = "prologue.on-failure=poweroff";
    for (const std::string& program : programs)
        it.image_options.insert(it.image_options.end(), {"--add", trouble_program(program)});
    return it;
}

void press_ctrl_alt_del(Vm& vm, Where where = Where::current()) {
    must(vm, kPressCtrlAltDel, where);
    vm.finish();
    check_end(vm, End::kReboot, where);
    vm.transcript().has("prologue: rebooting (Ctrl-Alt-Del)", where);
}

}  // namespace

TEST_CASE("service: it owns its terminal, and gets a sane one again") {
    Vm vm(machine_of(boot_of_services("service tty=ttyS0 /bin/terminal\n", {"terminal"})));
    // With its end: what is typed before would stand in the same line.
    constexpr std::string_view kBegun = "terminal: leads=1 foreground=1 owns=1\r\n";
    std::size_t read = 0;
    if (!vm.wait_for_text(kBegun, read)) return;
    vm.send("hello\n");
    if (!vm.wait_for("terminal: read 'hello'")) return;
    vm.send("raw\n");
    if (!vm.wait_for("prologue: service /bin/terminal: exit status 0; it is started again")) return;
    // What is typed before it has set the terminal's modes is cut to pieces.
    if (!vm.wait_for_text(kBegun, read)) return;
    vm.send("once more\n");
    if (!vm.wait_for("terminal: read 'once more'")) return;
    press_ctrl_alt_del(vm);
    vm.transcript().has_times(2, "terminal: leads=1 foreground=1 owns=1");
    vm.transcript().has("prologue: supervise 1 service, * ms");
}

// The end of a session hangs up its terminal, and drops what has just been typed there.
TEST_CASE("service: one that crashes does not own the terminal that a person types at") {
    Vm vm(machine_of(boot_of_services("service /bin/terminal\nservice shell\n", {"terminal"})));
    std::size_t read = 0;
    if (!vm.wait_for_text("[minroot] $ ", read)) return;
    read = 0;
    // Three lives of it, a second apart at last.
    for (int lives = 0; lives < 3; ++lives) {
        if (!vm.wait_for_text("terminal: leads=1 foreground=0 owns=0\r\n", read)) return;
    }
    vm.send("echo still here\r");
    if (!vm.wait_for_text("\nstill here\r\n", read)) return;
    must(vm, kPressCtrlAltDel);
    vm.finish();
    check_end(vm, End::kReboot);
    vm.transcript().lacks("*owns=1*");
    vm.transcript().has_times(1, "'help' lists the commands");
}

// ttyS0 is the console here.
TEST_CASE("service: a terminal that a line names is left alone by its other name as well") {
    Vm vm(machine_of(boot_of_services(
        "service respawn=no /bin/terminal\nservice tty=ttyS0 /bin/terminal\n", {"terminal"})));
    if (!vm.wait_for("terminal: leads=1 foreground=0 owns=0")) return;
    if (!vm.wait_for("terminal: leads=1 foreground=1 owns=1")) return;
    vm.send("hello\n");
    if (!vm.wait_for("terminal: read 'hello'")) return;
    press_ctrl_alt_del(vm);
}

TEST_CASE("service: of two that name no terminal the first one owns the console") {
    Vm vm(machine_of(boot_of_services("service /bin/terminal\nservice respawn=no /bin/terminal\n",
                                      {"terminal"})));
    if (!vm.wait_for("terminal: leads=1 foreground=1 owns=1")) return;
    if (!vm.wait_for("terminal: leads=1 foreground=0 owns=0")) return;
    vm.send("hello\n");
    if (!vm.wait_for("terminal: read 'hello'")) return;
    press_ctrl_alt_del(vm);
}

// The row of the manual for each way in which a service can end.
TEST_CASE("service: whatever ends one, it is started again and PID 1 lives") {
    Boot it = boot_of_services(
        "service /bin/end-0\nservice /bin/end-3\nservice /bin/abort\nservice /bin/segv\n"
        "service /bin/end-kill\nservice respawn=no /bin/end-3\nservice respawn=no /bin/orphans\n",
        {"end-0", "end-3", "end-kill", "orphans"});
    for (const char* name : {"abort", "segv"})
        it.image_options.insert(it.image_options.end(), {"--add", guest_program(name)});
    Vm vm(machine_of(it));
    for (const std::string end :
         {"end-0: exit status 0", "end-3: exit status 3", "abort: killed by signal 6",
          "segv: killed by signal 11", "end-kill: killed by signal 9"}) {
        const std::string said = "prologue: service /bin/" + end;
        if (!vm.wait_for(said + "; it is started again")) return;
        if (!vm.wait_for(said + "; it is started again in 1 s")) return;
        if (!vm.wait_for(said + "; it is started again in 2 s")) return;
    }
    if (!vm.wait_for("orphans: 0 left")) return;
    press_ctrl_alt_del(vm);
    vm.transcript().has_times(1, "prologue: service /bin/end-3: exit status 3");
}

TEST_CASE("service: one that eats all memory is ended, and PID 1 is not") {
    Boot it = boot_of_services("service /bin/hog\n", {"hog"});
    it.memory_mib = 128;
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: service /bin/hog: killed by signal 9; it is started again")) return;
    if (!vm.wait_for("prologue: service /bin/hog: killed by signal 9; it is started again in 1 s"))
        return;
    must(vm, kPressCtrlAltDel);
    vm.finish();
    CHECK(vm.reason() == "guest-reset");
    vm.transcript().lacks("*Kernel panic*");
}

TEST_CASE("service: when the machine stops each is asked to end, and gets the time for it") {
    Vm vm(machine_of(boot_of_services("service /bin/tidy\n", {"tidy"})));
    if (!vm.wait_for("tidy: ready")) return;
    press_ctrl_alt_del(vm);
    vm.transcript().has("tidy: asked to end");
    vm.transcript().has("tidy: done");
}

TEST_CASE("service: SIGTERM to PID 1 reboots") {
    const Transcript text =
        boot(boot_of_services("service /bin/ask-term\n", {"ask-term"}), End::kReboot);
    text.has("prologue: rebooting (SIGTERM)");
}

TEST_CASE("service: SIGUSR2 to PID 1 switches off") {
    const Transcript text = boot(boot_of_services("service /bin/ask-usr2\n", {"ask-usr2"}));
    text.has("prologue: powering off (SIGUSR2)");
}

TEST_CASE("service: SIGUSR1 to PID 1 halts") {
    Vm vm(machine_of(boot_of_services("service /bin/ask-usr1\n", {"ask-usr1"})));
    if (!vm.wait_for("reboot: System halted")) return;
    must(vm, R"({"execute": "quit"})");
    vm.finish();
    vm.transcript().has("prologue: halting (SIGUSR1)");
    vm.transcript().lacks("*Kernel panic*");
}

TEST_CASE("service: the power button switches off") {
    Boot it = boot_of_services("modules button evdev\nservice /bin/terminal\n", {"terminal"});
    it.words = "prologue.log=debug";
    Vm vm(machine_of(it));
    // The keyboard is event0, and has such a key as well.
    if (!vm.wait_for("prologue: power button: /dev/input/event1")) return;
    must(vm, kPressPower);
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("prologue: powering off (power button)");
}

// What a program leaves behind that ignores SIGTERM is ended as well, and its filesystem is unmounted.
TEST_CASE("service: a filesystem in use is left clean when the machine stops") {
    const std::string disk = copy_of_disk("ext4");
    Boot it = boot_of_services(
        std::string(kDrivers) + "mount /dev/vda /data   options=rw\nservice /bin/writer /data\n",
        {"writer"});
    it.disks = {{.name = "ext4", .file = disk, .drive = "cache=writeback"}};
    Vm vm(machine_of(it));
    if (!vm.wait_for("writer: at work")) return;
    press_ctrl_alt_del(vm);
    vm.transcript().lacks("*not left clean*");
    vm.transcript().has("EXT4-fs (vda): unmounting filesystem*");
    const ProgramEnd end = run_program({"/usr/sbin/e2fsck", "-fn", disk});
    CHECK_MESSAGE(end.status == 0, end.output);
}

TEST_CASE("service: one whose program is no program fails its line") {
    Boot it = boot_of_services("", {});
    it.unchecked_config = "service /etc/prologue.conf\nsupervise\n";
    it.config = "poweroff\n";
    const Transcript text = boot(it);
    text.has_block(
        R"(/etc/prologue.conf:1:1: error: service /etc/prologue.conf: Permission denied (EACCES)
    1 | service /etc/prologue.conf
      | ^~~~~~~
  hint: it is not executable, or lies on a noexec mount
prologue: powering off in 0 ms (on-failure=poweroff))");
}

}  // namespace prologue::qemu_tests
