// SPDX-License-Identifier: MIT
// Images that are broken: `prologue check` says so, and what the kernel makes of them is written down.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>

#include "tests/qemu/boot.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

std::string good_image(const std::string& compression) {
    return build_image({"exec when=exists:/sub/file /bin/hello is-there\npoweroff\n",
                        {"--compress", compression, "--add", guest_program("hello")}});
}

// The image with these bytes instead; gives its path.
std::string image_of(const std::string& bytes) {
    const std::string path = work_folder() + "/broken";
    write_file(path, bytes);
    return path;
}

void check_says(const std::string& image, const std::string& what, Where where = Where::current()) {
    const ProgramEnd end = run_tool({"check", image});
    if (end.status != 1) fail_at(where, "prologue check exits with " + std::to_string(end.status));
    if (end.output.find(what) == std::string::npos)
        fail_at(where, "prologue check does not say: " + what + "\n" + end.output);
}

Machine machine_with(const std::string& image) {
    Machine machine;
    machine.image = image;
    machine.words = "prologue.on-failure=poweroff";
    return machine;
}

Transcript boot_image(const std::string& image, Where where = Where::current()) {
    Vm vm(machine_with(image));
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    return vm.transcript();
}

// The kernel still has the file open that it was writing when the image ended: -26 is ETXTBSY.
Transcript boot_cut_init(const std::string& image, Where where = Where::current()) {
    Vm vm(machine_with(image));
    vm.finish();
    const Transcript text = vm.transcript();
    text.has("Failed to execute /init (error -26)", where);
    text.has("Kernel panic - not syncing: No working init found.*", where);
    if (vm.reason() != "guest-reset") fail_at(where, "the machine's end: '" + vm.reason() + "'");
    return text;
}

// One entry of a newc archive, as the kernel reads it.
std::string entry(const std::string& name, unsigned mode, const std::string& content) {
    std::array<char, 111> header{};
    (void)std::snprintf(header.data(), header.size(),
                        "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1U, mode, 0U,
                        0U, 1U, 0U, static_cast<unsigned>(content.size()), 0U, 0U, 0U, 0U,
                        static_cast<unsigned>(name.size() + 1), 0U);
    std::string bytes = header.data() + name;
    bytes.append(4 - bytes.size() % 4, '\0');
    bytes += content;
    bytes.append((4 - bytes.size() % 4) % 4, '\0');
    return bytes;
}

std::string sub_archive(bool directory_first) {
    const std::string directory = entry("sub", 040755, ""), file = entry("sub/file", 0100644, "x");
    return (directory_first ? directory + file : file + directory) + entry("TRAILER!!!", 0, "");
}

}  // namespace

// The kernel does not say that anything is missing.
TEST_CASE("broken image: cut off inside /init") {
    const std::string bytes = read_file(good_image("none"));
    const std::string image = image_of(bytes.substr(0, bytes.size() / 2));
    check_says(image, "the archive is cut off inside /init");
    boot_cut_init(image).lacks("*Initramfs unpacking failed*");
}

TEST_CASE("broken image: cut off inside its compression") {
    const std::string bytes = read_file(good_image("gzip"));
    const std::string image = image_of(bytes.substr(0, bytes.size() / 2));
    check_says(image, "truncated gzip data");
    boot_cut_init(image).has("Initramfs unpacking failed: read error");
}

// What was unpacked before it is used; the kernel leaves out the rest.
TEST_CASE("broken image: a second archive that is not aligned") {
    std::string bytes = read_file(good_image("none"));
    bytes.append(4 - bytes.size() % 4 + 1, '\0');
    const std::string image = image_of(bytes + sub_archive(true));
    check_says(image, "an archive that does not start at a multiple of 4");
    const Transcript text = boot_image(image);
    text.has("Initramfs unpacking failed: broken padding");
    text.has("prologue: exec skipped: /sub/file does not exist");
}

TEST_CASE("broken image: a file before its directory is dropped in silence") {
    const std::string image = image_of(read_file(good_image("none")) + sub_archive(false));
    check_says(image, "/sub/file stands before its directory /sub");
    const Transcript text = boot_image(image);
    text.lacks("*Initramfs unpacking failed*");
    text.has("prologue: exec skipped: /sub/file does not exist");
}

TEST_CASE("broken image: the same two archives in order are a good image") {
    const std::string image = image_of(read_file(good_image("none")) + sub_archive(true));
    CHECK(run_tool({"check", image}).status == 0);
    boot_image(image).has("hello: argv[1]=is-there");
}

}  // namespace prologue::qemu_tests
