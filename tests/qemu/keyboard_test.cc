// SPDX-License-Identifier: MIT
// A person before a PC: a keyboard and a screen. At last without a serial line: what the machine says is
// on its screen, and on nothing else.
#include <chrono>

#include <doctest/doctest.h>

#include "tests/qemu/hardware.h"
#include "tests/qemu/luks.h"
#include "tests/qemu/person.h"
#include "tests/qemu/screen.h"

namespace prologue::qemu_tests {
namespace {

// The keyboard works once its driver has come: Enter alone shows the question again.
void check_keyboard(Vm& vm, std::size_t from, Where where = Where::current()) {
    constexpr std::chrono::milliseconds kPatience{500};
    for (int tries = 0; tries < 100; ++tries) {
        press(vm, "\n", where);
        if (!vm.hears(kAsked, from, kPatience)) continue;
        press(vm, std::string(kPassphrase) + "\n", where);
        break;
    }
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    vm.transcript().has("prologue: decrypt /dev/sda (LUKS2, aes-xts-plain64) -> *", where);
    vm.transcript().has("prologue: switch_root /dev/mapper/cryptroot (ext4) -> /sbin/init, *",
                        where);
}

constexpr char kQuestion[] = "Passphrase for /dev/sda (Vault), 3 tries left:";
constexpr char kNextQuestion[] = "Passphrase for /dev/sda (Vault), 2 tries left:";

// The same, by what is on the screen.
bool has_keyboard(Vm& vm, Screen& screen) {
    constexpr std::chrono::milliseconds kPatience{500};
    if (!screen.wait_for(kQuestion)) return false;
    while (screen.count(kQuestion) < 2) {
        press(vm, "\n");
        if (!vm.runs_for(kPatience)) return false;
        screen.look();
    }
    return true;
}

// Behind the questions that were answered is nothing: neither what was typed nor stars.
void check_questions(const Screen& screen, const std::vector<std::string>& rows) {
    std::size_t answered = 0;
    for (const std::string& row : rows) answered += row == kQuestion ? 1 : 0;
    CHECK(answered >= 2);
    CHECK(answered == screen.count(kQuestion));
}

// What the real root's init says last stays on the screen of a machine that QEMU keeps when it is off.
void check_screen(const std::string& machine, std::vector<std::string> more) {
    if (!has_drivers()) return;
    more.emplace_back("-no-shutdown");
    Boot it = boot_with_screen(machine, std::move(more));
    it.consoles = "";
    it.words += " guest.cat=/etc/marker";
    Machine pc = machine_of(it);
    pc.has_serial_line = false;
    Vm vm(pc);
    Screen screen(vm);
    const bool has_one = has_keyboard(vm, screen);
    CHECK(has_one);
    if (!has_one) return;
    press(vm, "zebra\n");
    if (!screen.wait_for(kNextQuestion)) return;
    check_questions(screen, screen.look());
    press(vm, std::string(kPassphrase) + "\n");
    if (!vm.wait_for_event("SHUTDOWN")) return;
    screen.look();
    CHECK(screen.count("guest: root fstype=ext4 source=/dev/mapper/cryptroot ") == 1);
    CHECK(screen.count("guest: cat /etc/marker: ext4") == 1);
    CHECK(screen.count("guest: end") == 1);
    must(vm, R"({"execute": "quit"})");
    vm.finish();
    check_end(vm, End::kPowerOff);
    CHECK(vm.serial_log() == "");
}

}  // namespace

TEST_CASE("keyboard: a passphrase from a PS/2 keyboard") {
    if (!has_drivers()) return;
    Vm vm(machine_of(boot_with_screen("pc", {})));
    std::size_t from = 0;
    if (vm.wait_for_text(kAsked, from)) check_keyboard(vm, from);
}

// Its driver comes while the question is there already.
TEST_CASE("keyboard: a passphrase from a USB keyboard") {
    if (!has_drivers()) return;
    Vm vm(machine_of(
        boot_with_screen("pc,i8042=off", {"-device", "qemu-xhci", "-device", "usb-kbd"})));
    std::size_t from = 0;
    if (vm.wait_for_text(kAsked, from)) check_keyboard(vm, from);
}

TEST_CASE("keyboard: a passphrase from a USB keyboard that is plugged in when it is asked for") {
    if (!has_drivers()) return;
    Vm vm(machine_of(boot_with_screen("pc,i8042=off", {"-device", "usb-ehci,id=bus"})));
    std::size_t from = 0;
    if (!vm.wait_for_text("No keyboard is there yet; input devices: ", from)) return;
    if (!vm.wait_for_text(kAsked, from)) return;
    must(vm, R"({"execute": "device_add", "arguments": {"driver": "usb-kbd"}})");
    check_keyboard(vm, from);
}

// A boot that has failed: the keyboard comes when the shell is there already.
TEST_CASE("keyboard: a USB keyboard in a rescue shell") {
    if (!has_drivers()) return;
    Boot it = boot_with_screen("pc,i8042=off", {"-device", "usb-ehci"});
    it.words = "root=/dev/sdz prologue.timeout=2s";
    Vm vm(machine_of(it));
    std::size_t from = 0;
    if (!vm.wait_for_text("[rescue] # ", from)) return;
    must(vm, R"({"execute": "device_add", "arguments": {"driver": "usb-kbd"}})");
    constexpr std::chrono::milliseconds kPatience{500};
    for (int tries = 0; tries < 100; ++tries) {
        must(vm, kPressCtrlAltDel);
        if (vm.hears("prologue: rebooting", from, kPatience)) break;
    }
    vm.finish();
    check_end(vm, End::kReboot);
}

TEST_CASE("keyboard: Ctrl-Alt-Del on a screen's rescue shell") {
    if (!has_drivers()) return;
    Boot it = boot_on({"ext4", "ide-hd,bus=ide.0"}, {"-M", "q35", "-device", "VGA"});
    it.words = "prologue.rescue";
    it.consoles = "console=ttyS0 console=tty0";
    Vm vm(machine_of(it));
    std::size_t from = 0;
    if (!vm.wait_for_text("[rescue] # ", from)) return;
    must(vm, kPressCtrlAltDel);
    vm.finish();
    check_end(vm, End::kReboot);
}

TEST_CASE("keyboard: no serial line, and a passphrase from a PS/2 keyboard") {
    check_screen("pc", {});
}

TEST_CASE("keyboard: no serial line, and a passphrase from a USB keyboard") {
    check_screen("pc,i8042=off", {"-device", "qemu-xhci", "-device", "usb-kbd"});
}

}  // namespace prologue::qemu_tests
