// SPDX-License-Identifier: MIT
// Edges of the machine and of what it is given: little memory, many words, many disks, no config.
#include <doctest/doctest.h>

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

}  // namespace

// Debian's cloud kernel itself needs this much: with 70 MiB it has no memory left before /init, with
// 64 it resets the machine without a word.
TEST_CASE("edge: the least memory that the kernel runs in") {
    Boot it = boot_of_root();
    it.memory_mib = 72;
    check_hand_over(boot(it));
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
