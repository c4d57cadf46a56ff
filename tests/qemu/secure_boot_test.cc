// SPDX-License-Identifier: MIT
// Secure Boot with keys of the test's own. The firmware has none at first, so that it takes them from a
// guest; from then on it starts what is signed with them.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/firmware.h"

namespace prologue::qemu_tests {
namespace {

// Source: UEFI specification 2.10, 3.3 and 32.6.1.
constexpr char kGlobal[] = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr char kImageSecurity[] = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

std::vector<std::string> signed_by(const std::string& name) {
    return {"--sign", in_folder(name + ".key"), in_folder(name + ".pem")};
}

// SRC:DEST for --add: the variable as efivarfs takes it, with the certificate of that name in it, and
// signed with the key of another. In front of both stand the attributes: kept, for firmware and kernel,
// authenticated by time.
std::string variable_file(const std::string& name, const std::string& signer) {
    using namespace std::string_literals;
    const std::string path = in_folder(name);
    must_run({"cert-to-efi-sig-list", path + ".pem", path + ".esl"});
    must_run({"sign-efi-sig-list", "-k", in_folder(signer + ".key"), "-c",
              in_folder(signer + ".pem"), name, path + ".esl", path + ".auth"});
    write_file(path + ".variable", "\x27\0\0\0"s + read_file(path + ".auth"));
    return path + ".variable:/keys/" + name;
}

std::string enrol_line(const std::string& name, const std::string& vendor) {
    return "exec /bin/busybox cp /keys/" + name + " /sys/firmware/efi/efivars/" + name + "-" +
           vendor + "\n";
}

// The platform's key comes last: with it the firmware takes no more from anybody.
std::string enrolling_image() {
    return build_image(
        {"set on-failure reboot\nmodules efivarfs\n"
         "mount efivarfs /sys/firmware/efi/efivars\n" +
             enrol_line("db", kImageSecurity) + enrol_line("KEK", kGlobal) +
             enrol_line("PK", kGlobal) + "poweroff\n",
         {"--add", "/bin/busybox:/bin/busybox", "--add", variable_file("db", "KEK"), "--add",
          variable_file("KEK", "PK"), "--add", variable_file("PK", "PK")}});
}

// The path of the variables with the keys in them.
std::string variables_with_keys() {
    for (const char* name : {"PK", "KEK", "db", "other"}) make_key(name);
    const std::string variables = new_variables();
    Vm vm(machine_with({esp_with(built_uki(enrolling_image()), 4)}, variables));
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has_times(3, "prologue: exec /bin/busybox, *");
    vm.transcript().has("*secureboot: Secure boot disabled");
    return variables;
}

// A signed one with a letter of its command line changed.
std::string changed_uki(const std::string& image) {
    const std::string path = built_uki(image, signed_by("db"), "changed.efi");
    const std::size_t at = read_file(path).find("uki.proof");
    CHECK(at != std::string::npos);
    if (at != std::string::npos) overwrite(path, at, "U");
    return path;
}

}  // namespace

// One boot for all: the firmware tries what is on one disk after the other.
TEST_CASE("secure boot: what is signed with the machine's own key starts, and nothing else") {
    if (!has_firmware()) return;
    const std::string variables = variables_with_keys();
    const std::string image = image_of_root({"--locked"});
    Vm vm(machine_with(
        {esp_with(built_uki(image, {}, "unsigned.efi"), 4),
         esp_with(built_uki(image, signed_by("other"), "other.efi"), 5),
         esp_with(changed_uki(image), 6), disk_with(built_uki(image, signed_by("db")), 7)},
        variables));
    vm.finish();
    check_uki_root(vm, "/dev/vdd2");
    const Transcript text = vm.transcript();
    for (const std::string place : {"0x4", "0x5", "0x6"})
        text.has_order("*BdsDxe: failed to load Boot* from *Pci(" + place + ",0x0)*: Access Denied",
                       "*Linux version*");
    text.has_times(1, "*Linux version*");
    text.has("*secureboot: Secure boot enabled");
}

}  // namespace prologue::qemu_tests
