// SPDX-License-Identifier: MIT
// Encrypted roots that do not open, each with the block that a person reads; and where the header and
// the key come from elsewhere.
#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"

namespace prologue::qemu_tests {
namespace {

const std::string kMarked =
    "    3 | decrypt /dev/vda -> plain   key=/etc/root.key\n"
    "      | ^~~~~~~\n";

// Without a panic, a shell or the key in what was said, and within seconds.
Transcript check_refused(const Boot& it, const std::string& block, Where where = Where::current()) {
    const Transcript text = boot(it, End::kPowerOff, where);
    text.has_block(block, where);
    text.has("prologue: powering off in 0 ms (on-failure=poweroff)", where);
    text.lacks("*" + std::string(kPassphrase) + "*", where);
    text.lacks("*rescue shell*", where);
    text.lacks("*what it had done is still there*", where);
    text.lacks("guest: *", where);
    return text;
}

void check_header_device(const std::string& kind) {
    const std::string header = work_folder() + "/header";
    Boot it = boot_by_key(encrypted({kind, header}),
                          "decrypt /dev/vda -> plain   key=/etc/root.key header=/dev/vdb\n");
    it.disks.push_back({.name = "", .file = header});
    check_unlocked(boot(it), "LUKS2");
}

// The image is checked with another config, so that it lacks what this one needs.
Boot behind_the_tools_back(Boot it, const std::string& modules) {
    it.unchecked_config = it.config;
    it.config = modules + "poweroff\n";
    return it;
}

}  // namespace

TEST_CASE("decrypt: a partition by its PARTUUID") {
    const std::string uuid = "0badcafe-1111-4222-8333-444455556666";
    const Disk disk = encrypted({"pbkdf2"});
    const ProgramEnd end = run_program({PROLOGUE_MAKE_LUKS, "partition", disk.file, uuid});
    CHECK_MESSAGE(end.status == 0, end.output);
    const Transcript text =
        boot(boot_by_key(disk, "decrypt PARTUUID=" + uuid + " -> plain   key=/etc/root.key\n"));
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/mapper/plain *");
    text.has("prologue: decrypt /dev/vda1 (LUKS2, aes-xts-plain64) -> plain, * ms");
}

TEST_CASE("decrypt: a detached header that is a device") {
    check_header_device("pbkdf2");
}

TEST_CASE("decrypt: a detached header that is a device with argon2id") {
    check_header_device("argon2id");
}

TEST_CASE("decrypt: a detached header on a stick") {
    const std::string header = work_folder() + "/header";
    const Disk disk = encrypted({"pbkdf2", header});
    const std::string stick = work_folder() + "/stick.img";
    const std::string script = "truncate -s 64M " + stick + " && mkfs.vfat -n STICK " + stick +
                               " && mcopy -i " + stick + " " + header + " ::/vault.header";
    const ProgramEnd end = run_program({"/bin/sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; " + script});
    CHECK_MESSAGE(end.status == 0, end.output);
    Boot it = boot_by_key(disk,
                          "modules vfat\ndecrypt /dev/vda -> plain   key=/etc/root.key "
                          "header=/vault.header header-device=LABEL=STICK\n");
    it.disks.push_back({.name = "", .file = stick});
    const Transcript text = boot(it);
    check_unlocked(text, "LUKS2");
    text.lacks("*prologue.key*");
}

TEST_CASE("decrypt: JSON that is nested without end, in both headers") {
    const Disk disk = encrypted({"pbkdf2"});
    tamper(disk, "s/\"tokens\":{/&\"0\":" + std::string(4000, '[') + "/");
    const Transcript text = check_refused(
        boot_by_key(disk),
        "/etc/prologue.conf:3:1: error: open LUKS header /dev/vda: there is no LUKS header that "
        "can be used\n" +
            kMarked);
    text.takes_at_most(5, "prologue: modules virtio_pci virtio_blk ext4, * ms",
                       "reboot: Power down");
}

TEST_CASE("decrypt: a header that asks for more memory than any machine has") {
    const Disk disk = encrypted({"argon2id"});
    tamper(disk, "s/\"memory\":[0-9]*/\"memory\":2000000000/");
    check_refused(
        boot_by_key(disk),
        "/etc/prologue.conf:3:1: error: unlock /dev/vda: key slot 0 was left out: its key "
        "derivation takes 1953125 MiB of memory, and * MiB are free\n" +
            kMarked);
}

TEST_CASE("decrypt: dm_crypt is not in the image") {
    check_refused(behind_the_tools_back(boot_by_key(encrypted({"pbkdf2"})), kDrivers),
                  "/etc/prologue.conf:3:1: error: load module dm_crypt: *\n" + kMarked);
}

TEST_CASE("decrypt: a cipher that the kernel has not") {
    const Disk disk = encrypted({"pbkdf2"});
    // The last of them is the data's; the key slot's is read by this program itself.
    tamper(disk, "s/\\(.*\\)\"encryption\":\"aes/\\1\"encryption\":\"serpent/");
    check_refused(
        boot_by_key(disk),
        "/etc/prologue.conf:3:1: error: unlock /dev/vda (LUKS2, serpent-xts-plain64): *\n" +
            kMarked +
            "  hint: the kernel has no serpent: its module is 'serpent_generic', its "
            "option CONFIG_CRYPTO_SERPENT");
}

TEST_CASE("decrypt: the stick with the key is missing") {
    check_refused(boot_by_key(encrypted({"pbkdf2"}),
                              "decrypt /dev/vda -> plain   key=/root.key key-device=LABEL=KEYS "
                              "timeout=2s\n"),
                  "/etc/prologue.conf:3:1: error: find LABEL=KEYS: timed out after 2 s\n"
                  "    3 | decrypt /dev/vda -> plain   key=/root.key key-device=LABEL=KEYS "
                  "timeout=2s\n"
                  "      | ^~~~~~~\n"
                  "  seen: /dev/vda: crypto_LUKS, UUID=*, label 'Vault'");
}

TEST_CASE("decrypt: the stick with the key has no such file") {
    Boot it = boot_by_key(encrypted({"pbkdf2"}),
                          "modules vfat\ndecrypt /dev/vda -> plain   key=/root.key "
                          "key-device=LABEL={vfat-data.label}\n");
    it.disks.push_back({"vfat-data"});
    check_refused(it,
                  "/etc/prologue.conf:4:1: error: read key /root.key on LABEL=PROLOGUE: No such "
                  "file or directory (ENOENT)");
}

TEST_CASE("decrypt: the stick with the key comes late") {
    Boot it = boot_with(encrypted({"pbkdf2", {}, "data"}),
                        "modules vfat\ndecrypt /dev/vda -> plain   key=/note.txt "
                        "key-device=LABEL={vfat-data.label} keyfile-offset=5 keyfile-size=4\n");
    it.disks.push_back({"vfat-data", ""});
    it.words += " prologue.log=debug";
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: line 4: *: begins, within 30 s")) return;
    must(vm, R"({"execute": "device_add", "arguments":
                 {"driver": "virtio-blk-pci", "drive": "drive1"}})");
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_unlocked(vm.transcript(), "LUKS2");
}

TEST_CASE("decrypt: a key file that no slot takes") {
    Boot it = boot_by_key(encrypted({"pbkdf2", {}, "another one"}));
    it.words = "prologue.on-failure=poweroff";
    check_refused(
        it,
        "/etc/prologue.conf:3:1: error: unlock /dev/vda: no key slot takes the key of "
        "/etc/root.key\n" +
            kMarked +
            "  hint: keyfile-offset= and keyfile-size= must be as when the key was added; "
            "'cryptsetup luksDump' lists the slots");
}

}  // namespace prologue::qemu_tests
