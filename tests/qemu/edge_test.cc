// SPDX-License-Identifier: MIT
// Edges of the machine and of what it is given: little memory, many words, many disks, no config.
#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/failure_case.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

// " unknown0TAIL unknown1TAIL…"
std::string unknown_words(int count, const std::string& tail) {
    std::string words;
    for (int i = 0; i < count; i++) words += " unknown" + std::to_string(i) + tail;
    return words;
}

// 256 stages in 64 KiB, the most that there may be: 252 of them change nothing, the rest is `ending`,
// which has four lines.
std::string longest_config(const std::string& ending) {
    std::string config;
    for (int i = 0; i < 256 - 4; i++) {
        config += "write /proc/sys/kernel/hostname ";
        config.append(200, static_cast<char>('a' + i % 26)).append(" on-failure=continue\n");
    }
    config.append(64 * 1024 - 1 - config.size() - ending.size(), '#');
    return config + "\n" + ending;
}

// A config of these bytes is shown as wrong, and the policy acts at once.
void check_refused(const std::string& bytes, std::string_view block,
                   Where where = Where::current()) {
    Machine machine;
    machine.image = join_archives(build_image({"poweroff\n", {}, ""}),
                                  file_archive("/etc/prologue.conf", bytes));
    machine.words = "prologue.on-failure=poweroff";
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    vm.transcript().has_block(std::string(block) + "\n" + kPoweringOff, where);
}

// The 64 logical units of one SCSI target, of which `root` holds the root; 64 is none of them.
Boot boot_of_64_disks(int root, const std::string& lines) {
    Boot it;
    it.config = "modules virtio_pci virtio_scsi sd_mod ext4\n" + lines;
    it.qemu = {"-device", "virtio-scsi-pci"};
    for (int i = 0; i < 64; i++)
        it.disks.push_back(
            {i == root ? "ext4" : "nonformatted", "scsi-hd,scsi-id=0,lun=" + std::to_string(i)});
    it.words = "prologue.on-failure=poweroff";
    return it;
}

}  // namespace

// Debian's cloud kernel itself needs this much: with 72 MiB it runs out of memory before /init now and
// then, in a test of its own ciphers, with 70 always, and with 64 it resets the machine without a word.
constexpr unsigned kLeastMemory = 80;

TEST_CASE("edge: the least memory that the kernel runs in") {
    Boot it = boot_of_root();
    it.memory_mib = kLeastMemory;
    check_hand_over(boot(it));
}

// The same with the longest config, which PID 1 plans within its own limit.
TEST_CASE("edge: the longest config in the least memory") {
    Boot it = boot_of_root();
    it.memory_mib = kLeastMemory;
    it.config = longest_config(with_identifiers(std::string(kDrivers) + "exec /bin/guest\n" +
                                                "mount UUID={ext4.uuid} /newroot\n" + kSwitchRoot));
    it.image_options = {"--add", guest_program("guest")};
    it.words += " guest.cat=/proc/1/limits";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: cat /proc/1/limits: Max data size*16777216*unlimited*bytes*");
}

TEST_CASE("edge: every line of the longest config is a mistake") {
    Machine machine;
    std::string lines;
    while (lines.size() < 64 * 1024) lines += "x\n";
    machine.image = join_archives(build_image({"poweroff\n", {}, ""}),
                                  file_archive("/etc/prologue.conf", lines));
    machine.words = "prologue.on-failure=poweroff";
    machine.memory_mib = kLeastMemory;
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    text.has("/etc/prologue.conf:1:1: error: unknown stage 'x'");
    text.has(kPoweringOff);
}

TEST_CASE("edge: forty unknown words reach the real init") {
    Boot it = boot_of_root();
    it.words += unknown_words(20, "") + unknown_words(20, "=value");
    const Transcript text = boot(it);
    check_hand_over(text);
    for (int i = 0; i < 20; i++) {
        const std::string word = "unknown" + std::to_string(i);
        text.has("guest: argv[" + std::to_string(i + 1) + "]=" + word);
        text.has("guest: env " + word + "=value");
    }
}

// It takes 32 of them with a value and 32 without, and never starts /init when there are more.
TEST_CASE("edge: more unknown words than the kernel takes") {
    Boot it = boot_of_root();
    it.words += unknown_words(40, "");
    Vm vm(machine_of(it));
    vm.finish();
    CHECK(vm.reason() == "guest-reset");
    vm.transcript().has("Kernel panic - not syncing: Too many boot init vars at `unknown*'");
    vm.transcript().lacks("Run /init as init process");
}

TEST_CASE("edge: an empty config") {
    check_refused("", R"(/etc/prologue.conf:1:1: error: the file has no stages
    1 |*
      | ^
  hint: the least is two lines: 'mount LABEL=root /newroot' and 'switch_root /newroot'
prologue: nothing of this config was run)");
}

TEST_CASE("edge: a program as config") {
    check_refused(read_file(settings().guest_init).substr(0, 4096),
                  R"(/etc/prologue.conf:1:1: error: control character U+007f
    1 | ?ELF*
      | ^
  hint: a config file is plain text; remove it
/etc/prologue.conf:1:8: error: NUL byte: this is not a text file
    1 | ?ELF*
      |        ^
prologue: nothing of this config was run)");
}

TEST_CASE("edge: a config of more than 64 KiB") {
    check_refused(std::string(64 * 1024 + 1, '#'),
                  "prologue: error: read config /etc/prologue.conf: File too large (EFBIG)\n"
                  "  hint: a config has at most 64 KiB");
}

TEST_CASE("edge: the root among 64 disks") {
    const Transcript text =
        boot(boot_of_64_disks(41, std::string("mount UUID={ext4.uuid} /newroot\n") + kSwitchRoot));
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/sd* *");
}

TEST_CASE("edge: no root among 64 disks") {
    const Transcript text = boot(boot_of_64_disks(
        64, "mount UUID={ext4.uuid} /newroot   timeout=2s\n" + std::string(kSwitchRoot)));
    std::string block = R"(/etc/prologue.conf:2:1: error: find UUID={ext4.uuid}: timed out after *
    2 | mount UUID={ext4.uuid} /newroot   timeout=2s
      | ^~~~~
)";
    for (int i = 0; i < 32; i++) block += "  seen: /dev/sd*: no filesystem found\n";
    block +=
        "  seen: and 32 more\n"
        "  hint: compare it with the devices above, or load the driver of the one that is "
        "missing\n";
    text.has_block(with_identifiers(block) + kPoweringOff);
    constexpr char kLoaded[] = "prologue: modules virtio_pci virtio_scsi sd_mod ext4, * ms";
    text.takes_at_most(2 + 1, kLoaded, "reboot: Power down");
}

TEST_CASE("edge: the root among 24 disks") {
    Boot it = boot_of_root();
    it.disks.clear();
    for (int i = 0; i < 24; i++) {
        const std::string place = std::to_string(8 + i / 8) + "." + std::to_string(i % 8);
        it.disks.push_back(
            {i == 17 ? "ext4" : "nonformatted", "virtio-blk-pci,multifunction=on,addr=" + place});
    }
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/vdr *");
}

}  // namespace prologue::qemu_tests
