// SPDX-License-Identifier: MIT
// Encrypted roots: every format, and every place of a key and a header.
#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"

namespace prologue::qemu_tests {
namespace {

void check_key_file(const std::string& kind, const std::string& type) {
    Boot it = boot_with(encrypted({kind}), "decrypt /dev/vda -> plain   key=/etc/root.key\n");
    it.image_options = {"--add", added(kPassphrase, "/etc/root.key")};
    check_unlocked(boot(it), type);
}

void check_header_in_image(const std::string& kind) {
    const std::string header = work_folder() + "/header";
    Boot it = boot_by_key(encrypted({kind, header}),
                          "decrypt /dev/vda -> plain   key=/etc/root.key header=/etc/header\n");
    it.image_options.insert(it.image_options.end(), {"--add", header + ":/etc/header"});
    check_unlocked(boot(it), "LUKS2");
}

// Its note.txt is "vfat-data" and a newline.
void check_key_on_stick(const std::string& kind, const std::string& stick) {
    Boot it =
        boot_with(encrypted({kind, {}, "data"}),
                  "modules vfat\ndecrypt /dev/vda -> plain   key=/note.txt key-device=" + stick +
                      " keyfile-offset=5 keyfile-size=4\n");
    it.disks.push_back({"vfat-data"});
    const Transcript text = boot(it);
    check_unlocked(text, "LUKS2");
    text.lacks("*prologue.key*");
}

}  // namespace

TEST_CASE("decrypt: LUKS1 by key file") {
    check_key_file("luks1", "LUKS1");
}

TEST_CASE("decrypt: LUKS2 with pbkdf2 by key file") {
    check_key_file("pbkdf2", "LUKS2");
}

TEST_CASE("decrypt: LUKS2 with argon2id by key file") {
    check_key_file("argon2id", "LUKS2");
}

TEST_CASE("decrypt: a passphrase that is typed") {
    const Boot it = boot_with(encrypted({"argon2id"}), "decrypt /dev/vda -> plain\n");
    Vm vm(machine_of(it));
    answer(vm, {kPassphrase});
    finish_unlocked(vm);
    vm.transcript().has("guest: cat /run/udev/data/b*: E:DM_UDEV_PRIMARY_SOURCE_FLAG=1");
}

TEST_CASE("decrypt: Enter alone is no answer, and a wrong passphrase is followed by a right one") {
    const Boot it = boot_with(encrypted({"pbkdf2"}), "decrypt /dev/vda -> plain\n");
    Vm vm(machine_of(it));
    answer(vm, {"\n\n\nwrong", kPassphrase});
    finish_unlocked(vm);
    vm.transcript().has("No key slot takes this passphrase.");
}

TEST_CASE("decrypt: the last wrong passphrase leads to the policy") {
    const Boot it = boot_with(encrypted({"pbkdf2"}),
                              "decrypt /dev/vda -> plain   tries=3 on-failure=poweroff\n");
    Vm vm(machine_of(it));
    answer(vm, {"Password1", "Password1", "Password1"});
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has_block(
        "/etc/prologue.conf:3:1: error: unlock /dev/vda: no key slot takes any of the 3 "
        "passphrases "
        "that were typed\n"
        "    3 | decrypt /dev/vda -> plain   tries=3 on-failure=poweroff\n"
        "      | ^~~~~~~");
    vm.transcript().lacks("*Password1*");
}

TEST_CASE("decrypt: two disks with one passphrase, which is asked for once") {
    Boot it = boot_with(encrypted({"pbkdf2"}),
                        "decrypt /dev/vda -> plain\ndecrypt /dev/vdb -> other   tries=2\n");
    it.disks.push_back(encrypted({.kind = "argon2id", .disk = "ext4-noinit"}));
    Vm vm(machine_of(it));
    answer(vm, {"wrong", kPassphrase});
    finish_unlocked(vm);
    vm.transcript().has("prologue: decrypt /dev/vdb (LUKS2, aes-xts-plain64) -> other, * ms");
    vm.transcript().lacks("*Passphrase for /dev/vdb*");
}

TEST_CASE("decrypt: two disks with two passphrases") {
    Boot it = boot_with(encrypted({"pbkdf2"}),
                        "decrypt /dev/vda -> plain\ndecrypt /dev/vdb -> other   tries=2\n");
    it.disks.push_back(
        encrypted({.kind = "pbkdf2", .passphrase = "another one", .disk = "ext4-noinit"}));
    Vm vm(machine_of(it));
    answer(vm, {kPassphrase});
    answer(vm, {"another one"}, 2, "/dev/vdb");
    finish_unlocked(vm);
    vm.transcript().has("prologue: decrypt /dev/vdb (LUKS2, aes-xts-plain64) -> other, * ms");
}

TEST_CASE("decrypt: a key derivation that takes more memory than is free") {
    Boot it = boot_by_key(encrypted({"greedy"}));
    it.memory_mib = 80;  // in less the kernel itself does not start
    const Transcript text = boot(it);
    text.has(
        "*error: unlock /dev/vda: key slot 0 was left out: its key derivation takes 512 MiB of "
        "memory, and * MiB are free");
    text.lacks("*oom*");
}

TEST_CASE("decrypt: a detached header in the image") {
    check_header_in_image("pbkdf2");
}

TEST_CASE("decrypt: a detached header in the image with argon2id") {
    check_header_in_image("argon2id");
}

TEST_CASE("decrypt: an image with the ciphers of its disk") {
    const Disk disk = encrypted({"pbkdf2"});
    Boot it = boot_with(disk, "decrypt /dev/vda -> plain   key=/etc/root.key\n");
    it.image_options = {"--add", added(kPassphrase, "/etc/root.key"), "--luks-header", disk.file};
    const Machine machine = machine_of(it);
    const ProgramEnd listed = run_tool({"list", machine.image});
    CHECK(listed.output.find("/xts.ko") != std::string::npos);
    CHECK(listed.output.find("/essiv.ko") == std::string::npos);
    Vm vm(machine);
    finish_unlocked(vm);
}

TEST_CASE("decrypt: a part of a file on a stick") {
    check_key_on_stick("pbkdf2", "LABEL={vfat-data.label}");
}

TEST_CASE("decrypt: a part of a file on a stick that is found by its UUID with argon2id") {
    check_key_on_stick("argon2id", "UUID={vfat-data.uuid}");
}

TEST_CASE("decrypt: a damaged first header") {
    const Disk disk = encrypted({"pbkdf2"});
    overwrite(disk.file, 0, std::string(4096, '!'));
    Boot it = boot_with(disk, "decrypt /dev/vda -> plain   key=/etc/root.key\n");
    it.image_options = {"--add", added(kPassphrase, "/etc/root.key")};
    check_unlocked(boot(it), "LUKS2");
}

TEST_CASE("decrypt: no container at all") {
    Boot it = boot_with(Disk{"ext4"}, "decrypt /dev/vda -> plain   key=/etc/root.key\n");
    it.image_options = {"--add", added(kPassphrase, "/etc/root.key")};
    const Transcript text = boot(it);
    text.has("*error: open LUKS header /dev/vda: there is no LUKS header that can be used");
}

}  // namespace prologue::qemu_tests
