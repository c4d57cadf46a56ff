// SPDX-License-Identifier: MIT
// Unified kernel images of `prologue uki`, started by OVMF, the UEFI firmware of QEMU: one file on the
// EFI partition of a disk that holds the root, too. With and without Secure Boot.
#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kFirmware[] = "/usr/share/OVMF/OVMF_";  // package ovmf
// The key that OVMF_VARS_4M.snakeoil.fd has enrolled, protected by a passphrase that everyone knows.
constexpr char kKey[] = "/usr/share/ovmf/PkKek-1-snakeoil.key";
constexpr char kCertificate[] = "/usr/share/ovmf/PkKek-1-snakeoil.pem";
constexpr char kPlainConfig[] = "mount UUID={ext4.uuid} /newroot\nswitch_root /newroot\n";
constexpr std::size_t kMiB = std::size_t{1} << 20;

// False where it cannot be tried out.
bool can_boot() {
    for (const char* needed :
         {"/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", kKey,
          "/usr/lib/systemd/boot/efi/linuxx64.efi.stub", "/usr/bin/sbsign", "/usr/bin/mcopy"}) {
        if (access(needed, R_OK) == 0) continue;
        MESSAGE("this test is skipped: there is no ", needed,
                "; 'cmake/install-packages test' brings it");
        return false;
    }
    return true;
}

void must_run(const std::vector<std::string>& words) {
    const ProgramEnd end = run_program(words);
    CHECK_MESSAGE(end.status == 0, words.front(), ": ", end.output);
}

std::string in_folder(const std::string& name) {
    return work_folder() + "/" + name;
}

std::string signing_key() {
    must_run({"openssl", "pkey", "-in", kKey, "-passin", "pass:snakeoil", "-out",
              in_folder("signing.key")});
    return in_folder("signing.key");
}

ProgramEnd make_uki(const std::string& image, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {
        "uki",
        "--linux",
        settings().kernel,
        "--initrd",
        image,
        "--cmdline",
        "console=ttyS0" + kCommonWords + "uki.proof=1 prologue.on-failure=poweroff",
        "-o",
        in_folder("linux.efi")};
    words.insert(words.end(), more.begin(), more.end());
    return run_tool(words);
}

std::string image_of(const std::vector<std::string>& options = {}) {
    return build_image(
        {"set on-failure poweroff\n" + std::string(kDrivers) + kPlainConfig, options});
}

// The path of one, made of an image with these options.
std::string built_uki(const std::vector<std::string>& options = {},
                      const std::vector<std::string>& more = {}) {
    const ProgramEnd end = make_uki(image_of(options), more);
    CHECK_MESSAGE(end.status == 0, end.output);
    return in_folder("linux.efi");
}

// A disk whose first partition is FAT with this program, and whose second is the root ext4.
Disk disk_with(const std::string& program) {
    constexpr std::size_t kEsp = 34 * kMiB, kRoot = 36 * kMiB;
    const std::string esp = in_folder("esp.img"), disk = in_folder("disk.img");
    write_file(esp, std::string(kEsp, '\0'));
    must_run({"mformat", "-i", esp, "-F", "::"});
    must_run({"mmd", "-i", esp, "::/EFI", "::/EFI/BOOT"});
    must_run({"mcopy", "-i", esp, program, "::/EFI/BOOT/BOOTX64.EFI"});
    const std::string root = read_file(disk_file("ext4"));
    write_file(disk, std::string(kRoot + root.size() + kMiB, '\0'));
    must_run({"sh", "-c",
              "printf 'label: gpt\\nstart=1MiB,size=34MiB,type=uefi\\nstart=36MiB,size=32MiB\\n' | "
              "sfdisk -q " +
                  disk});
    overwrite(disk, kMiB, read_file(esp));
    overwrite(disk, kRoot, root);
    return {"ext4", "virtio-blk-pci,bootindex=1", disk};
}

enum class SecureBoot { kOff, kOn };

// A machine that starts what is on the disk, with variables of its own.
Machine machine_with(const std::string& program, SecureBoot secure) {
    const bool is_on = secure == SecureBoot::kOn;
    const std::string variables = in_folder("variables.fd"), from = kFirmware;
    write_file(variables, read_file(from + (is_on ? "VARS_4M.snakeoil.fd" : "VARS_4M.fd")));
    Machine machine;
    machine.has_firmware = true;
    machine.memory_mib = 512;
    machine.disks = {disk_with(program)};
    machine.arguments = {"-M", is_on ? "q35,smm=on" : "q35"};
    // The variables can be written by the firmware alone.
    if (is_on)
        machine.arguments.insert(machine.arguments.end(),
                                 {"-global", "driver=cfi.pflash01,property=secure,value=on"});
    machine.arguments.insert(machine.arguments.end(),
                             {"-drive",
                              "if=pflash,format=raw,readonly=on,file=" + from +
                                  (is_on ? "CODE_4M.secboot.fd" : "CODE_4M.fd"),
                              "-drive", "if=pflash,format=raw,file=" + variables});
    return machine;
}

// It ends in the root beside the EFI partition, with its own command line.
void check_root(const Vm& vm, Where where = Where::current()) {
    check_end(vm, End::kPowerOff, where);
    const Transcript text = vm.transcript();
    check_hand_over(text, where);
    text.has("guest: root fstype=ext4 source=/dev/vda2 *", where);
    text.has("Command line: console=ttyS0*uki.proof=1*", where);
}

// The firmware does not start it, nor anything else.
void check_refused(const std::string& program, Where where = Where::current()) {
    Vm vm(machine_with(program, SecureBoot::kOn));
    if (!vm.wait_for("*BdsDxe: failed to load Boot* Access Denied", where)) return;
    if (!vm.wait_for("*BdsDxe: No bootable option or device was found.", where)) return;
    vm.transcript().lacks("*Linux version*", where);
    vm.transcript().lacks("*prologue: *", where);
}

// The command refuses, and leaves what is there.
void check_keeps_old(const std::vector<std::string>& more, std::string_view why,
                     Where where = Where::current()) {
    const std::string output = in_folder("linux.efi");
    write_file(output, "the old one");
    const ProgramEnd end = make_uki(in_folder("image"), more);
    if (end.status != 1 || end.output.find(why) == std::string::npos)
        fail_at(where, "exit status " + std::to_string(end.status) + ": " + end.output);
    if (read_file(output) != "the old one") fail_at(where, "the old file is gone");
}

}  // namespace

TEST_CASE("uki: UEFI starts kernel, image and command line from one file") {
    if (!can_boot()) return;
    Vm vm(machine_with(built_uki(), SecureBoot::kOff));
    vm.finish();
    check_root(vm);
}

TEST_CASE("uki: a signed one, with a locked image, starts under Secure Boot") {
    if (!can_boot()) return;
    Vm vm(machine_with(built_uki({"--locked"}, {"--sign", signing_key(), kCertificate}),
                       SecureBoot::kOn));
    vm.finish();
    check_root(vm);
    vm.transcript().has("*secureboot: Secure boot enabled");
}

TEST_CASE("uki: Secure Boot refuses one without a signature") {
    if (can_boot()) check_refused(built_uki());
}

TEST_CASE("uki: Secure Boot refuses a signed one whose command line was changed") {
    if (!can_boot()) return;
    const std::string path = built_uki({}, {"--sign", signing_key(), kCertificate});
    const std::size_t at = read_file(path).find("uki.proof");
    CHECK(at != std::string::npos);
    if (at == std::string::npos) return;
    overwrite(path, at, "U");
    check_refused(path);
}

TEST_CASE("uki: what cannot become one is named, and an old one stays") {
    if (!can_boot()) return;
    (void)image_of();
    const std::string key = signing_key(), other = in_folder("other.pem");
    must_run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
              in_folder("other.key"), "-out", other, "-subj", "/CN=other"});
    check_keeps_old({"--sign", key, other}, "the certificate " + other + " is of another key");
    check_keeps_old({"--sign", other, kCertificate}, "it is no private key in PEM form");
    check_keeps_old({"--sign", key, key}, "it is no certificate in PEM form");
    check_keeps_old({"--stub", "/nowhere/stub"}, "read /nowhere/stub: No such file or directory");
    check_keeps_old({"--stub", in_folder("image")}, "is no EFI program (PE)");
    check_keeps_old({"--linux", in_folder("image")}, "is no kernel with an EFI stub");
    check_keeps_old({"--initrd", settings().kernel}, "is a kernel or an EFI program and no image");
    check_keeps_old({"--cmdline", ""}, "the command line is empty");
    const std::string image = read_file(in_folder("image"));
    write_file(in_folder("half"), image.substr(0, image.size() / 2));
    check_keeps_old({"--initrd", in_folder("half")}, "prologue: error: ");
    check_keeps_old({"-o", in_folder("nowhere/linux.efi")}, "No such file or directory");
    check_keeps_old({"-o", "/dev/full"}, "No space left on device");
}

}  // namespace prologue::qemu_tests
