// SPDX-License-Identifier: MIT
// A PC without a serial line: what it says is on its screen, and on nothing else.
#include <chrono>

#include <doctest/doctest.h>

#include "tests/qemu/hardware.h"
#include "tests/qemu/luks.h"
#include "tests/qemu/screen.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kQuestion[] = "Passphrase for /dev/sda (Vault), 3 tries left:";
constexpr char kNextQuestion[] = "Passphrase for /dev/sda (Vault), 2 tries left:";

// The keyboard works once its driver has come: Enter alone shows the question again.
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

TEST_CASE("hardware: no serial line, and a passphrase from a PS/2 keyboard") {
    check_screen("pc", {});
}

TEST_CASE("hardware: no serial line, and a passphrase from a USB keyboard") {
    check_screen("pc,i8042=off", {"-device", "qemu-xhci", "-device", "usb-kbd"});
}

}  // namespace prologue::qemu_tests
