// SPDX-License-Identifier: MIT
#include "tests/qemu/hardware.h"

#include "tests/qemu/luks.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {

bool has_drivers() {
    return has_driver("ahci");
}

Boot boot_on(const Disk& disk, std::vector<std::string> qemu) {
    Boot it;
    it.words = "prologue.on-failure=poweroff root=UUID={" + disk.name + ".uuid}";
    it.disks = {disk};
    it.qemu = std::move(qemu);
    it.image_options = {"--for", "pc"};
    it.memory_mib = 512;
    return it;
}

void press(Vm& vm, std::string_view text, Where where) {
    for (const char letter : text) {
        const std::string key = letter == ' '    ? "spc"
                                : letter == '\n' ? "ret"
                                                 : std::string(1, letter);
        must(vm,
             R"({"execute": "send-key", "arguments": {"hold-time": 20, "keys": [{"type": "qcode", )"
             R"("data": ")" +
                 key + R"("}]}})",
             where);
    }
}

Boot boot_with_screen(const std::string& machine, std::vector<std::string> more) {
    Boot it = boot_on(encrypted({"pbkdf2"}), {"-M", machine, "-device", "VGA"});
    it.disks.front().device = "ide-hd,bus=ide.0";
    it.qemu.insert(it.qemu.end(), more.begin(), more.end());
    it.words = "prologue.on-failure=poweroff root=/dev/sda";
    it.consoles = "console=ttyS0 console=tty0";
    return it;
}

}  // namespace prologue::qemu_tests
