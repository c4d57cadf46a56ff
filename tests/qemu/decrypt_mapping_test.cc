// SPDX-License-Identifier: MIT
// What the mapping of an encrypted disk is to the kernel: its name, its flags, the slot of its key.
#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"
#include "tests/qemu/rescue_session.h"

namespace prologue::qemu_tests {
namespace {

// What the kernel lets the real root discard of the mapping: "0" where it may not.
std::string discards_of(const Disk& disk, const std::string& options,
                        Where where = Where::current()) {
    Boot it = boot_by_key(disk, "decrypt /dev/vda -> plain   key=/etc/root.key" + options + "\n");
    it.words += " guest.cat=/sys/block/dm-0/queue/discard_max_bytes";
    const Transcript text = boot(it, End::kPowerOff, where);
    check_unlocked(text, "LUKS2", kUsualCipher, where);
    const std::vector<std::string> said =
        text.texts_behind("guest: cat /sys/block/dm-0/queue/discard_max_bytes: ");
    return said.size() == 1 ? said.front() : "nothing";
}

}  // namespace

// Somebody else has made it: it is not this line's to remove.
TEST_CASE("decrypt: a mapping of its name is there already, and stays") {
    Boot it = boot_by_key(encrypted({"pbkdf2"}),
                          "modules dm_crypt algif_skcipher xts\n"
                          "exec env=DM_DISABLE_UDEV=1 /usr/sbin/cryptsetup open --key-file "
                          "/etc/root.key /dev/vdb plain\n"
                          "decrypt /dev/vda -> plain   on-failure=rescue key=/etc/root.key\n");
    it.disks.push_back(encrypted({.kind = "pbkdf2", .disk = "ext4-noinit"}));
    it.image_options.insert(it.image_options.end(),
                            {"--add", "/usr/sbin/cryptsetup:/usr/sbin/cryptsetup"});
    it.words = "";
    RescueSession person(it);
    person.vm.transcript().has(
        "/etc/prologue.conf:5:1: error: unlock /dev/vda: a mapping 'plain' is there already, and "
        "not of this line");
    person.type("cat /sys/block/dm-0/dm/name", "plain");
    person.leave("poweroff");
}

// Who sees the disk then sees what is unused, so that the line decides and not the header.
TEST_CASE("decrypt: discards are passed on when the line says so, whatever the header says") {
    const Disk disk = encrypted({"pbkdf2"});
    tamper(disk, "s/\"config\":{/&\"flags\":[\"allow-discards\"],/");
    CHECK(discards_of(disk, "") == "0");
    CHECK(std::stoull("0" + discards_of(disk, " discard=yes")) > 0);
}

// Slot 3 has priority "ignore": only who names it gets it.
TEST_CASE("decrypt: the one key slot that key-slot= names") {
    const Disk disk = encrypted({.kind = "pbkdf2", .passphrase = "another one"});
    const std::string folder = work_folder();
    write_file(folder + "/old", "another one", 0600);
    write_file(folder + "/new", kPassphrase, 0600);
    const ProgramEnd end =
        run_program({"/bin/sh", "-c",
                     "PATH=$PATH:/usr/sbin:/sbin; cryptsetup luksAddKey -q --key-file " + folder +
                         "/old --new-key-slot 3 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 " +
                         disk.file + " " + folder +
                         "/new && cryptsetup config --priority ignore --key-slot 3 " + disk.file});
    CHECK_MESSAGE(end.status == 0, end.output);
    boot(boot_by_key(disk))
        .has("*error: unlock /dev/vda: no key slot takes the key of /etc/root.key");
    boot(boot_by_key(disk, "decrypt /dev/vda -> plain   key=/etc/root.key key-slot=0\n"))
        .has("*error: unlock /dev/vda: no key slot takes the key of /etc/root.key");
    check_unlocked(
        boot(boot_by_key(disk, "decrypt /dev/vda -> plain   key=/etc/root.key key-slot=3\n")),
        "LUKS2");
}

TEST_CASE("decrypt: a disk with authentication tags is refused, and nothing is left of it") {
    const Disk disk = encrypted({"pbkdf2"});
    tamper(disk,
           "s/\"type\":\"crypt\",/&\"integrity\":{\"type\":\"hmac(sha256)\","
           "\"journal_encryption\":\"none\",\"journal_integrity\":\"none\"},/");
    const Transcript text = boot(boot_by_key(disk));
    text.has("*error: unlock /dev/vda (LUKS2, aes-xts-plain64): *");
    text.lacks("*what it had done is still there*");
    text.lacks("guest: *");
}

}  // namespace prologue::qemu_tests
