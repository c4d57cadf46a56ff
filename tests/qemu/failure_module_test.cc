// SPDX-License-Identifier: MIT
// Modules that the kernel refuses. Each lies in a second archive, behind the tool's back.
#include <doctest/doctest.h>

#include "tests/qemu/failure_case.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kPath[] = "/kernel/fs/nls/nls_utf8.ko";  // a module that needs no other
constexpr char kSignature[] = "~Module signature appended~\n";
constexpr std::size_t kSignatureInfo = 12;  // struct module_signature in front of that text

constexpr char kKeepSignatures[] =
    "build the image without '--unsigned-modules'; a module of your own must be signed with a key "
    "that this kernel trusts";

// The module as the kernel's package has it; empty when it is stored compressed.
std::string good_module() {
    return read_file(settings().modules + kPath);
}

// Without its signature, which any change of the bytes would break.
std::string unsigned_module() {
    std::string bytes = good_module();
    const std::size_t info = bytes.size() - (sizeof kSignature - 1) - kSignatureInfo;
    std::size_t length = 0;
    for (std::size_t i = 8; i < kSignatureInfo; i++)  // sig_len, in network byte order
        length = length << 8 | static_cast<unsigned char>(bytes[info + i]);
    bytes.resize(info - length);
    return bytes;
}

// Line 3 loads it; `block` is what is shown.
void check_module(const std::string& bytes, const std::string& words, const std::string& why,
                  const std::string& hint, Where where = Where::current()) {
    const std::string release = settings().modules.substr(settings().modules.rfind('/') + 1);
    const Failure failure = {
        .line = "modules nls_utf8",
        .block = "/etc/prologue.conf:3:1: error: load module nls_utf8: " + why +
                 "\n    3 | modules nls_utf8\n      | ^~~~~~~\n  hint: " + hint,
        .words = words,
        .more = "poweroff\n"};
    Machine machine = machine_of(boot_of(failure));
    machine.image =
        join_archives(machine.image, file_archive("/lib/modules/" + release + kPath, bytes));
    Vm vm(machine);
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    check_failed(failure, vm.transcript(), where);
}

}  // namespace

TEST_CASE("module: of another kernel") {
    std::string bytes = unsigned_module();
    const std::size_t at = bytes.find("vermagic=");
    CHECK(at != std::string::npos);
    if (at == std::string::npos) return;
    bytes[at + 9] = '5';  // "6.1.0" becomes "5.1.0"
    // A kernel with modversions compares only what comes behind the release.
    const std::size_t rest = bytes.find("SMP", at);
    if (rest != std::string::npos) bytes[rest] = 'X';
    check_module(bytes, "", "*was built for kernel 5*, this kernel is *",
                 "build the image for the kernel that it boots with");
}

TEST_CASE("module: truncated") {
    const std::string bytes = good_module();
    check_module(bytes.substr(0, bytes.size() / 2), "", "* is truncated", "build the image again");
}

TEST_CASE("module: empty") {
    check_module("", "", "* is truncated", "build the image again");
}

TEST_CASE("module: not a module at all") {
    check_module(std::string(5000, 'x'), "", "* is not a module", "build the image again");
}

TEST_CASE("module: a broken signature under module.sig_enforce=1") {
    std::string bytes = good_module();
    bytes[bytes.find("license=") + 8] = 'X';
    check_module(bytes, "module.sig_enforce=1", "*its signature is refused",
                 "sign the module with a key that this kernel trusts");
}

TEST_CASE("module: no signature under module.sig_enforce=1") {
    check_module(
        unsigned_module(), "module.sig_enforce=1",
        "*it has no signature, and this kernel demands one (module.sig_enforce=1, or built so)",
        kKeepSignatures);
}

TEST_CASE("module: no signature under lockdown") {
    check_module(
        unsigned_module(), "lockdown=integrity",
        "*it has no signature, and the kernel does not take it: lockdown (lockdown=, Secure "
        "Boot), or kernel.modules_disabled",
        kKeepSignatures);
}

// Virtio disks come with modules on every kernel of the tests.
TEST_CASE("module: an image of unsigned ones boots, and not under module.sig_enforce=1") {
    Boot it = boot_of_root();
    it.image_options = {"--unsigned-modules"};
    const Transcript good = boot(it);
    check_hand_over(good);
    good.has(
        "*module verification failed: signature and/or required key missing - tainting kernel");

    it.config = kPowerOffOnFailure + it.config;
    it.words = "module.sig_enforce=1";
    const Transcript refused = boot(it);
    refused.has("*Loading of unsigned module is rejected");
    refused.has_block(
        "/etc/prologue.conf:2:1: error: load module virtio_pci: Key was rejected by service "
        "(EKEYREJECTED): '*' (needed for it): it has no signature, and this kernel demands one "
        "(module.sig_enforce=1, or built so)\n    2 | " +
        std::string(kDrivers) + "      | ^~~~~~~\n  hint: " + kKeepSignatures);
    refused.has(kPoweringOff);
    refused.lacks("guest: *");
}

}  // namespace prologue::qemu_tests
