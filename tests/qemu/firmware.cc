// SPDX-License-Identifier: MIT
#include "tests/qemu/firmware.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

// With Secure Boot in it, which is off until somebody brings a key (package ovmf).
constexpr char kFirmware[] = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
constexpr char kVariables[] = "/usr/share/OVMF/OVMF_VARS_4M.fd";
constexpr std::size_t kMiB = std::size_t{1} << 20;

std::string device_at(int place) {
    const std::string number = std::to_string(place);
    return "virtio-blk-pci,addr=" + number + ",bootindex=" + number;
}

std::string esp_file(const std::string& program, int place) {
    constexpr std::size_t kEsp = 34 * kMiB;
    const std::string esp = in_folder("esp" + std::to_string(place) + ".img");
    write_file(esp, std::string(kEsp, '\0'));
    must_run({"mformat", "-i", esp, "-F", "::"});
    must_run({"mmd", "-i", esp, "::/EFI", "::/EFI/BOOT"});
    must_run({"mcopy", "-i", esp, program, "::/EFI/BOOT/BOOTX64.EFI"});
    return esp;
}

}  // namespace

bool has_firmware() {
    for (const char* needed :
         {kFirmware, kVariables, "/usr/lib/systemd/boot/efi/linuxx64.efi.stub", "/usr/bin/sbsign",
          "/usr/bin/mcopy", "/usr/bin/sign-efi-sig-list", "/bin/busybox"}) {
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

void make_key(const std::string& name) {
    must_run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
              in_folder(name + ".key"), "-out", in_folder(name + ".pem"), "-subj", "/CN=" + name});
}

std::string image_of_root(const std::vector<std::string>& options) {
    return build_image({"set on-failure poweroff\n" + std::string(kDrivers) +
                            "mount UUID={ext4.uuid} /newroot\n" + kSwitchRoot,
                        options});
}

std::vector<std::string> uki_words(const std::string& image, const std::vector<std::string>& more) {
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
    return words;
}

std::string built_uki(const std::string& image, const std::vector<std::string>& more,
                      const std::string& name) {
    std::vector<std::string> words = uki_words(image, more);
    words.insert(words.end(), {"-o", in_folder(name)});
    const ProgramEnd end = run_tool(words);
    CHECK_MESSAGE(end.status == 0, end.output);
    return in_folder(name);
}

Disk esp_with(const std::string& program, int place) {
    return {"esp", device_at(place), esp_file(program, place)};
}

Disk disk_with(const std::string& program, int place) {
    constexpr std::size_t kRoot = 36 * kMiB;
    const std::string disk = in_folder("disk.img");
    const std::string root = read_file(disk_file("ext4"));
    write_file(disk, std::string(kRoot + root.size() + kMiB, '\0'));
    must_run({"sh", "-c",
              "printf 'label: gpt\\nstart=1MiB,size=34MiB,type=uefi\\nstart=36MiB,size=32MiB\\n' | "
              "sfdisk -q " +
                  disk});
    overwrite(disk, kMiB, read_file(esp_file(program, place)));
    overwrite(disk, kRoot, root);
    return {"ext4", device_at(place), disk};
}

std::string new_variables() {
    write_file(in_folder("variables.fd"), read_file(kVariables));
    return in_folder("variables.fd");
}

Machine machine_with(const std::vector<Disk>& disks, const std::string& variables) {
    Machine machine;
    machine.has_firmware = true;
    machine.memory_mib = 512;
    machine.disks = disks;
    // The firmware alone, in system management mode, can write its flash.
    machine.arguments = {
        "-M",      "q35,smm=on",
        "-global", "driver=cfi.pflash01,property=secure,value=on",
        "-drive",  std::string("if=pflash,format=raw,readonly=on,file=") + kFirmware,
        "-drive",  "if=pflash,format=raw,file=" + variables};
    return machine;
}

void check_uki_root(const Vm& vm, const std::string& source, Where where) {
    check_end(vm, End::kPowerOff, where);
    const Transcript text = vm.transcript();
    check_hand_over(text, where);
    text.has("guest: root fstype=ext4 source=" + source + " *", where);
    text.has("Command line: console=ttyS0*uki.proof=1*", where);
}

}  // namespace prologue::qemu_tests
