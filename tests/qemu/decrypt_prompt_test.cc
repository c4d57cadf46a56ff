// SPDX-License-Identifier: MIT
// The question for a passphrase: what is shown beside it, and how it ends without an answer.
#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"
#include "tests/qemu/person.h"
#include "tests/qemu/rescue_session.h"

namespace prologue::qemu_tests {

TEST_CASE("decrypt: the kernel keeps quiet on the console while it is asked for") {
    Boot it =
        boot_with(encrypted({"pbkdf2"}), "decrypt /dev/vda -> plain\nfind /dev/vdb -> stick\n");
    it.disks.push_back({"nonformatted", ""});
    Vm vm(machine_of(it));
    if (!vm.wait_for("Passphrase for /dev/vda (Vault), 3 tries left: *")) return;
    must(vm, R"({"execute": "device_add", "arguments":
                 {"driver": "virtio-blk-pci", "drive": "drive1", "id": "stick"}})");
    vm.send(std::string(kPassphrase) + "\n");
    finish_unlocked(vm);
    const Transcript text = vm.transcript();
    text.has("prologue: find /dev/vdb -> stick, * ms");
    // On a slow machine its driver sees it only after the answer.
    const std::string_view plugged = "virtio_blk *: [vdb] *";
    if (text.contains(plugged)) text.has_order("prologue: decrypt *", plugged);
}

TEST_CASE("decrypt: nobody answers") {
    // The line stands still: what is said on it is not waited for.
    Boot it = boot_with(encrypted({"pbkdf2"}),
                        "decrypt /dev/vda -> plain\ndecrypt /dev/vdb -> other   timeout=2s\n");
    it.disks.push_back(
        encrypted({.kind = "pbkdf2", .passphrase = "another one", .disk = "ext4-noinit"}));
    Vm vm(machine_of(it));
    if (!vm.wait_for("Passphrase for /dev/vda (Vault), 3 tries left: *")) return;
    vm.send("\x13" + std::string(kPassphrase) + "\n");
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("prologue: decrypt /dev/vda (LUKS2, aes-xts-plain64) -> plain, * ms");
    vm.transcript().has_block(
        "/etc/prologue.conf:4:1: error: ask for a passphrase: nobody answered in time\n"
        "    4 | decrypt /dev/vdb -> other   timeout=2s\n"
        "      | ^~~~~~~");
}

// The clock of the devices stands still while a person is asked.
TEST_CASE("decrypt: an answer that takes longer than the device may") {
    Boot it = boot_with(encrypted({"pbkdf2"}), "decrypt /dev/vda -> plain\n");
    it.config = "set timeout 2s\n" + it.config;
    Vm vm(machine_of(it));
    if (!vm.wait_for("Passphrase for /dev/vda (Vault), 3 tries left: *")) return;
    CHECK(vm.runs_for(std::chrono::seconds(4)));
    vm.send(std::string(kPassphrase) + "\n");
    finish_unlocked(vm);
}

// The guest's clock skips its idle time, so that the minutes pass in seconds.
TEST_CASE("decrypt: without a word of the line somebody is asked for five minutes") {
    Boot it = boot_with(encrypted({"pbkdf2"}), "decrypt /dev/vda -> plain\n");
    it.qemu = {"-icount", "shift=3,sleep=off"};
    const Transcript text = boot(it);
    text.has("/etc/prologue.conf:3:1: error: ask for a passphrase: nobody answered in time");
    const std::string_view before = "prologue: modules *", after = "reboot: Power down";
    text.takes_at_most(310, before, after);
    CHECK(text.time_of(after) - text.time_of(before) >= 300);
}

// A screen that were asked at would get to know that no keyboard is there.
TEST_CASE("decrypt: the consoles that the config names are asked at and no others") {
    Boot it = boot_with(encrypted({"pbkdf2"}), "decrypt /dev/vda -> plain\n");
    it.config = "set prompt-consoles ttyS0 ttyS1\n" + it.config;
    it.consoles = "console=tty0 console=ttyS0";
    const std::string second = work_folder() + "/second";
    it.qemu = {"-machine", "pc,i8042=off",  "-chardev", "file,id=second,path=" + second,
               "-serial",  "chardev:second"};
    Vm vm(machine_of(it));
    answer(vm, {kPassphrase});
    finish_unlocked(vm);
    vm.transcript().lacks("No keyboard is there yet*");
    Transcript(read_file(second)).has("Passphrase for /dev/vda (Vault), 3 tries left: *");
}

TEST_CASE("decrypt: the power button while it is asked for") {
    Boot it = boot_with(encrypted({"pbkdf2"}), "modules button evdev\ndecrypt /dev/vda -> plain\n");
    Vm vm(machine_of(it));
    if (!vm.wait_for("Passphrase for /dev/vda (Vault), 3 tries left: *")) return;
    must(vm, kPressPower);
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("prologue: powering off (power button)");
    vm.transcript().has_block(
        "/etc/prologue.conf:4:1: error: decrypt: the power button was pressed\n"
        "    4 | decrypt /dev/vda -> plain\n"
        "      | ^~~~~~~");
}

TEST_CASE("decrypt: no keyboard") {
    Boot it = boot_with(encrypted({"pbkdf2"}), "decrypt /dev/vda -> plain\n");
    it.consoles = "console=tty0 console=ttyS0";
    it.qemu = {"-machine", "pc,i8042=off"};
    Vm vm(machine_of(it));
    answer(vm, {kPassphrase});
    finish_unlocked(vm);
    vm.transcript().has("No keyboard is there yet; input devices: *");
}

TEST_CASE("decrypt: a container whose content is not clear leaves no mapping behind") {
    Boot it = boot_with(encrypted({.kind = "pbkdf2", .disk = "ambivalent"}),
                        "decrypt /dev/vda -> plain   on-failure=rescue key=/etc/root.key\n");
    it.image_options = {"--add", added(kPassphrase, "/etc/root.key")};
    it.words = "";
    RescueSession person(it);
    person.vm.transcript().has("*error: find /dev/mapper/plain: *");
    person.type("ls /sys/class/block", "");
    person.type("echo looked", "looked");
    person.leave("poweroff");
    person.vm.transcript().lacks("*dm-0*");
}

TEST_CASE("decrypt: a key of the image is gone when a shell opens") {
    Boot it = boot_with(encrypted({"pbkdf2"}),
                        "decrypt /dev/vda -> plain   on-failure=rescue key=/etc/root.key\n");
    it.image_options = {"--add", added("not the passphrase", "/etc/root.key")};
    it.words = "";
    RescueSession person(it);
    person.vm.transcript().has(
        "*error: unlock /dev/vda: no key slot takes the key of /etc/root.key");
    person.type("cat /etc/root.key", "*No such file or directory*");
    person.type("retry",
                "*error: read key /etc/root.key: is gone: a key of the image is overwritten before "
                "a shell opens");
    person.leave("poweroff");
}

}  // namespace prologue::qemu_tests
