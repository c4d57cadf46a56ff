// SPDX-License-Identifier: MIT
// Boots of an image without a config on the hardware of PCs, by the generic kernel of Debian.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/qemu/boot.h"

namespace prologue::qemu_tests {

// False where it cannot be tried out.
bool has_drivers();

// The root `disk`, on what QEMU's words make.
Boot boot_on(const Disk& disk, std::vector<std::string> qemu);

// An encrypted root on IDE, and a screen. The serial line only listens.
Boot boot_with_screen(const std::string& machine, std::vector<std::string> more);

// What such a boot asks for first.
inline constexpr char kAsked[] = "Passphrase for /dev/sda (Vault), 3 tries left: ";

// Types on the keyboard that QEMU has: small letters and blanks.
void press(Vm& vm, std::string_view text, Where where = Where::current());

}  // namespace prologue::qemu_tests
