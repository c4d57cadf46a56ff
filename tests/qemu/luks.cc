// SPDX-License-Identifier: MIT
#include "tests/qemu/luks.h"

#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {

Disk encrypted(const Luks& luks) {
    Disk disk{luks.disk};
    disk.file = luks.file.empty() ? copy_of_disk(luks.disk) : luks.file;
    std::vector<std::string> words = {PROLOGUE_MAKE_LUKS, luks.kind, disk.file, luks.passphrase};
    if (!luks.header.empty()) words.push_back(luks.header);
    const ProgramEnd made = run_program(words);
    CHECK_MESSAGE(made.status == 0, made.output);
    return disk;
}

std::string added(const std::string& text, const std::string& destination) {
    const std::string path = work_folder() + "/added-key";
    write_file(path, text, 0600);
    return path + ":" + destination;
}

Boot boot_with(const Disk& disk, const std::string& decrypt) {
    Boot it;
    it.config = "set on-failure poweroff\n" + std::string(kDrivers) + decrypt +
                "mount plain /newroot\n" + kSwitchRoot;
    it.disks = {disk};
    it.words =
        "prologue.on-failure=poweroff guest.cat=/etc/marker "
        "guest.cat=/run/udev/data/b252:0 guest.cat=/run/udev/data/b253:0 "
        "guest.cat=/run/udev/data/b254:0";
    return it;
}

Boot boot_by_key(const Disk& disk, const std::string& decrypt) {
    Boot it = boot_with(disk, decrypt);
    it.image_options = {"--add", added(kPassphrase, "/etc/root.key")};
    return it;
}

void tamper(const Disk& disk, const std::string& expression) {
    const ProgramEnd end = run_program({PROLOGUE_MAKE_LUKS, "tamper", disk.file, expression});
    CHECK_MESSAGE(end.status == 0, end.output);
}

void check_unlocked(const Transcript& text, const std::string& type, const std::string& cipher,
                    Where where) {
    check_hand_over(text, where);
    text.has("guest: root fstype=ext4 source=/dev/mapper/plain *", where);
    text.has("guest: cat /etc/marker: ext4", where);
    text.has("prologue: decrypt /dev/vda (" + type + ", " + cipher + ") -> plain, * ms", where);
    text.lacks(std::string("*") + kPassphrase + "*", where);
}

void finish_unlocked(Vm& vm, Where where) {
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    check_unlocked(vm.transcript(), "LUKS2", kUsualCipher, where);
}

void answer(Vm& vm, const std::vector<std::string>& answers, std::size_t tries,
            const std::string& device) {
    for (const std::string& one : answers) {
        const std::string left = std::to_string(tries) + (tries == 1 ? " try" : " tries");
        if (!vm.wait_for("Passphrase for " + device + " (Vault), " + left + " left: *")) return;
        vm.send(one + "\n");
        --tries;
    }
}

}  // namespace prologue::qemu_tests
