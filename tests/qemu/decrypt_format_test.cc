// SPDX-License-Identifier: MIT
// Encrypted roots as old and as unusual programs have made them.
#include <doctest/doctest.h>

#include "tests/qemu/luks.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kOldCipher[] = "aes-cbc-essiv:sha256";

}  // namespace

// The image has exactly what its header asks for, so that ESSIV and its hash are asked for by it.
TEST_CASE("decrypt: LUKS1 with the cipher of its time") {
    const Disk disk = encrypted({"luks1-essiv"});
    Boot it = boot_by_key(disk);
    it.image_options.insert(it.image_options.end(), {"--luks-header", disk.file});
    check_unlocked(boot(it), "LUKS1", kOldCipher);
}

// The unbound slot has priority "prefer" and takes the key, but what it keeps is not this disk's.
TEST_CASE("decrypt: LUKS2 with argon2i, ESSIV, large sectors, an unbound slot and a token") {
    Boot it = boot_by_key(encrypted({"unusual"}));
    it.words += " guest.cat=/sys/block/dm-0/queue/logical_block_size";
    const Transcript text = boot(it);
    check_unlocked(text, "LUKS2", kOldCipher);
    text.has("guest: cat /sys/block/dm-0/queue/logical_block_size: 4096");
}

// cryptsetup before 2.0.3 left the members of another key derivation in a slot whose own it changed. They
// are nothing but superfluous.
TEST_CASE("decrypt: a key slot with what an older cryptsetup has left in it") {
    const Disk disk = encrypted({"pbkdf2"});
    tamper(disk, R"(s/"kdf":{"type":"pbkdf2",/&"time":4,"memory":1024,"cpus":1,/)");
    check_unlocked(boot(boot_by_key(disk)), "LUKS2");
}

}  // namespace prologue::qemu_tests
