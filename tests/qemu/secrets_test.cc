// SPDX-License-Identifier: MIT
// What is left of secrets in the guest's memory once the real root runs, or once a boot has failed: QEMU
// writes all of it into a file, which is searched.
//
// The kernel itself needs the volume key as long as the disk is open. dm-crypt keeps it whole, and the
// cipher keeps each of its two halves (XTS) once, at the start of the round keys that are made of it.
#include <algorithm>
#include <cstdio>

#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"
#include "tests/qemu/rescue_session.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kKeyOfFile[] = "a key file of which nothing may be left in memory";
constexpr char kOtherPassphrase[] = "another one";
constexpr std::size_t kWholeCopies = 1, kCopiesOfHalf = 2;  // for a mapping
constexpr char kWiping[] = " init_on_free=1";

// The volume key, as the distribution's cryptsetup gives it.
std::string volume_key(const Disk& disk, const std::string& passphrase) {
    const std::string folder = work_folder();
    write_file(folder + "/passphrase", passphrase, 0600);
    (void)remove((folder + "/volume-key").c_str());
    const ProgramEnd end = run_program(
        {"/sbin/cryptsetup", "luksDump", "--batch-mode", "--dump-volume-key", "--volume-key-file",
         folder + "/volume-key", "--key-file", folder + "/passphrase", disk.file});
    CHECK_MESSAGE(end.status == 0, end.output);
    std::string key = read_file(folder + "/volume-key");
    CHECK(key.size() == 64);
    return key;
}

class Memory {
  public:
    // Of a guest that waits.
    Memory(Vm& vm, unsigned mebibytes) {
        const std::string path = work_folder() + "/memory";
        must(vm, R"({"execute": "stop"})");
        must(vm, R"({"execute": "pmemsave", "arguments": {"val": 0, "size": )" +
                     std::to_string(std::size_t{mebibytes} << 20) + R"(, "filename": ")" + path +
                     R"("}})");
        bytes_ = read_file(path);
        (void)remove(path.c_str());
        CHECK(bytes_.size() == std::size_t{mebibytes} << 20);
    }
    [[nodiscard]] std::size_t count(std::string_view what) const {
        std::size_t found = 0;
        for (std::size_t at = bytes_.find(what); at != std::string::npos;
             at = bytes_.find(what, at + 1))
            ++found;
        return found;
    }

  private:
    std::string bytes_;
};

Boot waiting(Boot it, const std::string& more) {
    it.words += " guest.wait=50" + more;
    return it;
}

// The counts of the secret, of the volume key, and of its halves.
struct Left {
    std::size_t secret, whole, first, second;
};

Left search(const Memory& memory, const std::string& secret, const std::string& key) {
    CHECK(memory.count("no_timer_check") > 0);  // what is there is found
    const Left left{memory.count(secret), memory.count(key), memory.count(key.substr(0, 32)),
                    memory.count(key.substr(32))};
    MESSAGE("secret: ", left.secret, ", volume key: ", left.whole, ", its halves: ", left.first,
            " and ", left.second);
    return left;
}

Left search_at_root(Vm& vm, const std::string& secret, const std::string& key) {
    vm.wait_for("guest: hello from the real root");
    return search(Memory(vm, 256), secret, key);
}

void check_nothing_left(const Left& left) {
    CHECK(left.secret == 0);
    CHECK(left.whole <= kWholeCopies);
    // The whole key contains them.
    CHECK(left.first <= kCopiesOfHalf);
    CHECK(left.second <= kCopiesOfHalf);
}

Left search_typed(const std::string& words) {
    const Disk disk = encrypted({"argon2id"});
    const std::string key = volume_key(disk, kPassphrase);
    Boot it = waiting(
        boot_with(disk, "decrypt /dev/vda -> plain\ndecrypt /dev/vdb -> other   tries=2\n"), words);
    it.disks.push_back(encrypted({.kind = "pbkdf2", .disk = "ext4-noinit"}));
    Vm vm(machine_of(it));
    answer(vm, {kPassphrase});
    return search_at_root(vm, kPassphrase, key);
}

Left search_key_file(const std::string& words) {
    const Disk disk = encrypted({"pbkdf2", {}, kKeyOfFile});
    const std::string key = volume_key(disk, kKeyOfFile);
    Boot it = waiting(boot_with(disk, "decrypt /dev/vda -> plain   key=/etc/root.key\n"), words);
    it.image_options = {"--compress", "none", "--add", added(kKeyOfFile, "/etc/root.key")};
    Vm vm(machine_of(it));
    return search_at_root(vm, kKeyOfFile, key);
}

// Fails at its second disk, and then stands still before the password of the shell.
Boot boot_that_fails(const std::vector<Disk>& disks, const std::string& options) {
    Boot it;
    it.config = kRescuePassword + std::string(kDrivers) + "decrypt /dev/vda -> plain   " + options +
                "\ndecrypt /dev/vdb -> other   " + options + "\nmount plain /newroot\n" +
                kSwitchRoot;
    it.disks = disks;
    it.words = kWiping;
    return it;
}

// Nothing of the secrets, of the first disk what the kernel needs, and nothing of the second one.
void check_failed(Vm& vm, const std::vector<Disk>& disks, const std::vector<std::string>& secrets) {
    const std::string opened = volume_key(disks[0], secrets[0]);
    const std::string closed = volume_key(disks[1], kOtherPassphrase);
    std::size_t seen = 0;
    if (!vm.wait_for_text("password: ", seen)) return;
    vm.transcript().has("*error: unlock /dev/vdb: no key slot takes *");
    const Memory memory(vm, 256);
    for (const std::string& secret : secrets) {
        check_nothing_left(search(memory, secret, opened));
        const Left of_closed = search(memory, secret, closed);
        CHECK(of_closed.first + of_closed.second == 0);
    }
}

}  // namespace

TEST_CASE("secrets: with init_on_free=1 nothing is left of a passphrase") {
    check_nothing_left(search_typed(kWiping));
}

TEST_CASE("secrets: with init_on_free=1 nothing is left of a key file") {
    check_nothing_left(search_key_file(kWiping));
}

TEST_CASE("secrets: with init_on_free=1 a boot that fails leaves nothing of what was typed") {
    const std::vector<Disk> disks = {
        encrypted({"argon2id"}),
        encrypted({.kind = "pbkdf2", .passphrase = kOtherPassphrase, .disk = "ext4-noinit"})};
    const std::string wrong = "a passphrase that no disk takes";
    Vm vm(machine_of(boot_that_fails(disks, "tries=1")));
    answer(vm, {kPassphrase}, 1);
    answer(vm, {wrong}, 1, "/dev/vdb");
    check_failed(vm, disks, {kPassphrase, wrong});
}

TEST_CASE("secrets: with init_on_free=1 a boot that fails leaves nothing of a key file") {
    const std::vector<Disk> disks = {
        encrypted({"pbkdf2", {}, kKeyOfFile}),
        encrypted({.kind = "pbkdf2", .passphrase = kOtherPassphrase, .disk = "ext4-noinit"})};
    Boot it = boot_that_fails(disks, "key=/etc/root.key");
    it.image_options = {"--compress", "none", "--add", added(kKeyOfFile, "/etc/root.key")};
    Vm vm(machine_of(it));
    check_failed(vm, disks, {kKeyOfFile});
}

TEST_CASE("secrets: what is left where the kernel does not wipe") {
    // Reported, not judged: it is the kernel's to wipe what it frees.
    const Left typed = search_typed("");
    const Left file = search_key_file("");
    CHECK(typed.whole + file.whole >= 2);
}

}  // namespace prologue::qemu_tests
