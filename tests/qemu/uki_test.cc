// SPDX-License-Identifier: MIT
// Unified kernel images of `prologue uki`, started by UEFI; and what cannot become one.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/firmware.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

// The command refuses, and leaves what is there.
void check_keeps_old(const std::vector<std::string>& more, std::string_view why,
                     Where where = Where::current()) {
    const std::string output = in_folder("linux.efi");
    write_file(output, "the old one");
    const ProgramEnd end = run_tool(uki_words(in_folder("image"), more));
    if (end.status != 1 || end.output.find(why) == std::string::npos)
        fail_at(where, "exit status " + std::to_string(end.status) + ": " + end.output);
    if (read_file(output) != "the old one") fail_at(where, "the old file is gone");
}

// On a filesystem of $2 bytes with the old file $1/old.efi, in namespaces of its own, where it may be
// mounted: runs the words behind.
constexpr char kOnSmallPartition[] = R"(
mount -t tmpfs -o size="$2" esp "$1/esp" || exit 77
cp "$1/old.efi" "$1/esp/linux.efi" || exit 78
cd "$1" && shift 2
"$@"
echo "exit status $?"
cmp old.efi esp/linux.efi && ls -A esp
)";

}  // namespace

TEST_CASE("uki: UEFI starts kernel, image and command line from one file") {
    if (!has_firmware()) return;
    Vm vm(machine_with({disk_with(built_uki(image_of_root()), 4)}, new_variables()));
    vm.finish();
    check_uki_root(vm, "/dev/vda2");
}

TEST_CASE("uki: what cannot become one is named, and an old one stays") {
    if (!has_firmware()) return;
    (void)image_of_root();
    const std::string key = in_folder("own.key"), certificate = in_folder("own.pem"),
                      other = in_folder("other.pem");
    for (const char* name : {"own", "other"}) make_key(name);
    check_keeps_old({"--sign", key, other}, "the certificate " + other + " is of another key");
    check_keeps_old({"--sign", other, certificate}, "it is no private key in PEM form");
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

TEST_CASE("uki: on an EFI partition that is full the old one stays, and nothing beside it") {
    if (!has_firmware()) return;
    const std::size_t size = read_file(built_uki(image_of_root())).size();
    write_file(in_folder("old.efi"), std::string(size, 'o'));
    make_folder(in_folder("esp"));
    std::vector<std::string> words = {"unshare",
                                      "--user",
                                      "--map-root-user",
                                      "--mount",
                                      "sh",
                                      "-c",
                                      kOnSmallPartition,
                                      "sh",
                                      work_folder(),
                                      std::to_string(size + size / 2),
                                      settings().build + "/prologue"};
    for (const std::string& word :
         uki_words(in_folder("image"), {"-o", in_folder("esp/linux.efi")}))
        words.push_back(word);
    const ProgramEnd end = run_program(words);
    if (end.status == 77 || end.output.starts_with("unshare: ")) {
        MESSAGE("this test is skipped: no namespaces here: ", end.output);
        return;
    }
    CHECK(end.output ==
          "prologue: error: write " + in_folder("esp/linux.efi") +
              ": No space left on device (ENOSPC)\n"
              "  hint: nothing was replaced: old and new need room beside each other for a moment\n"
              "exit status 1\nlinux.efi\n");
}

}  // namespace prologue::qemu_tests
