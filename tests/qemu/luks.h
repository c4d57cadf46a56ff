// SPDX-License-Identifier: MIT
// Encrypted disks for the boots, made by the distribution's cryptsetup, which writes their headers.
#pragma once

#include <string>
#include <vector>

#include "tests/qemu/boot.h"

namespace prologue::qemu_tests {

inline constexpr char kPassphrase[] = "correct horse battery staple";

struct Luks {
    std::string kind;         // of make-luks
    std::string header = {};  // a file that gets the header
    std::string passphrase = kPassphrase;
    std::string disk = "ext4";  // of disks.tsv
    std::string file = {};      // a copy of it that is there already
};

// A copy of a disk of the table, encrypted, with the label "Vault".
Disk encrypted(const Luks& luks);

// "SRC:DEST" for --add: a file with `text` in it.
std::string added(const std::string& text, const std::string& destination);

// A boot of `disk` whose config is the drivers, `decrypt` and a switch_root to "plain".
Boot boot_with(const Disk& disk, const std::string& decrypt);

// The same, with the passphrase as its key file /etc/root.key.
Boot boot_by_key(const Disk& disk,
                 const std::string& decrypt = "decrypt /dev/vda -> plain   key=/etc/root.key\n");

// Changes the JSON of both headers, for sed.
void tamper(const Disk& disk, const std::string& expression);

inline constexpr char kUsualCipher[] = "aes-xts-plain64";

// The real root came from the container, and the passphrase is in nothing that was said.
void check_unlocked(const Transcript& text, const std::string& type,
                    const std::string& cipher = kUsualCipher, Where where = Where::current());

// The machine comes to its end, as a boot of a LUKS2 container does that has been opened.
void finish_unlocked(Vm& vm, Where where = Where::current());

// Types each of `answers` when it is asked for the passphrase of `device`, with that many tries left.
void answer(Vm& vm, const std::vector<std::string>& answers, std::size_t tries = 3,
            const std::string& device = "/dev/vda");

}  // namespace prologue::qemu_tests
