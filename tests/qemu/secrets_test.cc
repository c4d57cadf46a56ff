// SPDX-License-Identifier: MIT
// What is left of secrets in the guest's memory once the real root runs: QEMU writes all of it into a
// file, which is searched.
//
// The kernel itself needs the volume key as long as the disk is open. dm-crypt keeps it whole, and the
// cipher keeps each of its two halves (XTS) once, at the start of the round keys that are made of it.
#include <algorithm>
#include <cstdio>

#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/luks.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kKeyOfFile[] = "a key file of which nothing may be left in memory";
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
    // Of a guest whose real init has said hello and waits.
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

Left search(Vm& vm, const std::string& secret, const std::string& key) {
    vm.wait_for("guest: hello from the real root");
    const Memory memory(vm, 256);
    CHECK(memory.count("guest.wait=50") > 0);  // what is there is found
    const Left left{memory.count(secret), memory.count(key), memory.count(key.substr(0, 32)),
                    memory.count(key.substr(32))};
    MESSAGE("secret: ", left.secret, ", volume key: ", left.whole, ", its halves: ", left.first,
            " and ", left.second);
    return left;
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
    return search(vm, kPassphrase, key);
}

Left search_key_file(const std::string& words) {
    const Disk disk = encrypted({"pbkdf2", {}, kKeyOfFile});
    const std::string key = volume_key(disk, kKeyOfFile);
    Boot it = waiting(boot_with(disk, "decrypt /dev/vda -> plain   key=/etc/root.key\n"), words);
    it.image_options = {"--compress", "none", "--add", added(kKeyOfFile, "/etc/root.key")};
    Vm vm(machine_of(it));
    return search(vm, kKeyOfFile, key);
}

}  // namespace

TEST_CASE("secrets: with init_on_free=1 nothing is left of a passphrase") {
    check_nothing_left(search_typed(kWiping));
}

TEST_CASE("secrets: with init_on_free=1 nothing is left of a key file") {
    check_nothing_left(search_key_file(kWiping));
}

TEST_CASE("secrets: what is left where the kernel does not wipe") {
    // Reported, not judged: it is the kernel's to wipe what it frees.
    const Left typed = search_typed("");
    const Left file = search_key_file("");
    CHECK(typed.whole + file.whole >= 2);
}

}  // namespace prologue::qemu_tests
