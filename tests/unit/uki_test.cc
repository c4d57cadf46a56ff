// SPDX-License-Identifier: MIT
// Unified kernel images: what may go into one, where it lies, and what is found in one afterwards.
#include "images/uki.h"

#include <cstdlib>

#include "images/little_endian.h"
#include "tests/unit/kernel_maker.h"
#include "tests/unit/pe_maker.h"

namespace prologue::images {
namespace {

// A bzImage with the header of an EFI program in front of its setup header.
std::string efi_kernel(std::uint64_t machine = 0x8664) {
    std::string bytes = kernel_file();
    bytes.replace(0, 2, "MZ");
    put_word(bytes, 0x3c, 0x80);
    const std::string pe = pe_file({machine, {}});
    return bytes.replace(kPeHeader, 0x170, pe, kPeHeader, 0x170);
}

UkiParts parts() {
    UkiParts parts;
    parts.stub = {"stub", pe_file()};
    parts.kernel = {"vmlinuz", efi_kernel()};
    parts.initrd = {"image", "initrd"};
    parts.cmdline = "quiet";
    return parts;
}

std::string problems_of(UkiParts parts, const CheckedImage& image = {}) {
    Problems problems;
    (void)check_uki_parts(parts, image, problems);
    return problems.text();
}

std::string problems_of_cmdline(const std::string& words) {
    UkiParts some = parts();
    some.cmdline = words;
    return problems_of(some);
}

PeImage stub_of(const UkiParts& parts) {
    const Result<PeImage> stub = read_pe(parts.stub.data);
    CHECK(stub.has_value());
    return stub.value_or(PeImage());
}

std::vector<UkiSection> laid_out(const UkiParts& parts) {
    return lay_out_uki(stub_of(parts), parts).value_or(std::vector<UkiSection>());
}

Result<std::string> built_of(const UkiParts& parts) {
    return build_uki(parts, stub_of(parts));
}

// What check_uki() says of these bytes, beside parts().
std::string unsound(const std::string& bytes, const std::vector<UkiSection>& sections) {
    const UkiParts some = parts();
    const Result<> checked = check_uki(bytes, some, stub_of(some), sections);
    return checked ? "none" : checked.error()->detail;
}

}  // namespace

TEST_CASE("uki: good parts, and the kernel's version is taken from it") {
    UkiParts some = parts();
    Problems problems;
    const std::optional<PeImage> stub = check_uki_parts(some, {}, problems);
    CHECK(problems.text() == "");
    CHECK((stub && stub->sections.size() == 2));
    CHECK(some.uname == "6.1.0-test");
}

TEST_CASE("uki: sections lie behind the stub's, each on pages of its own") {
    UkiParts some = parts();
    some.osrel = {"os-release", "ID=x\n"};
    some.uname = "6.1";
    some.initrd.data = std::string(4097, 'i');
    const std::vector<UkiSection> sections = laid_out(some);
    std::string text;
    for (const UkiSection& section : sections)
        text += std::string(section.name) + " " + std::to_string(section.address / 4096) + ", ";
    CHECK(text == ".osrel 6, .cmdline 7, .uname 8, .initrd 9, .linux 11, ");
    CHECK(sections.back().content == some.kernel.data);
    // An alignment of the stub that is larger than a page.
    put_word(some.stub.data, kPeOptional + 32, 0x10000);
    for (const UkiSection& section : laid_out(some)) CHECK(section.address % 0x10000 == 0);
}

TEST_CASE("uki: a size of the stub that lies is no reason to overlap its sections") {
    UkiParts some = parts();
    put_word(some.stub.data, kPeOptional + 56, 0x100);
    CHECK(laid_out(some).front().address == 0x6000);
    put_word(some.stub.data, kPeOptional + 56, 0xfffffff0);
    const Result<PeImage> stub = read_pe(some.stub.data);
    REQUIRE_OK(stub);
    CHECK(!lay_out_uki(*stub, some));
}

TEST_CASE("uki: a kernel that EFI cannot start") {
    UkiParts some = parts();
    some.kernel.data = kernel_file();
    CHECK(problems_of(some) ==
          "prologue: error: vmlinuz is a kernel without an EFI stub\n"
          "  hint: the kernel needs CONFIG_EFI_STUB=y\n");
    some.kernel.data = "vmlinux";
    CHECK(problems_of(some) ==
          "prologue: error: vmlinuz is no kernel with an EFI stub\n"
          "  hint: name what the boot loader reads: /boot/vmlinuz-VERSION\n");
    some.kernel.data = efi_kernel(0xaa64);
    CHECK(problems_of(some) ==
          "prologue: error: vmlinuz is for arm64, and the stub for x86-64\n"
          "  hint: '--stub' names one for it\n");
    some.kernel.data = efi_kernel();
    some.kernel.data.pop_back();
    CHECK(problems_of(some).starts_with("prologue: error: read vmlinuz: it is cut off"));
    some.kernel.data = pe_file({0x8664, {{".linux", "x"}}});
    CHECK(problems_of(some).starts_with(
        "prologue: error: vmlinuz is a unified kernel image already"));
}

TEST_CASE("uki: another version than the kernel's, or than that of the modules") {
    UkiParts some = parts();
    some.uname = "6.2";
    CHECK(problems_of(some) == "prologue: error: vmlinuz is 6.1.0-test, not 6.2\n");
    CheckedImage image;
    image.modules["5.10"] = {};
    CHECK(problems_of(parts(), image) ==
          "prologue: error: image has no modules of kernel 6.1.0-test, only of 5.10\n");
    image.modules["6.1.0-test"] = {};
    CHECK(problems_of(parts(), image) == "");
}

TEST_CASE("uki: a stub that is none, or no longer one") {
    UkiParts some = parts();
    some.stub.data = "text";
    CHECK(problems_of(some) == "prologue: error: read stub: is no EFI program (PE)\n");
    some = parts();
    put_word(some.stub.data, kPeTable + 52, 0x4002);
    CHECK(problems_of(some) ==
          "prologue: error: read stub: damaged EFI program: its section '.sdmagic' overlaps its "
          "section '.text'\n");
    some = parts();
    put_word(some.stub.data, kPeOptional + 148, 8);
    CHECK(problems_of(some).starts_with("prologue: error: stub is signed"));
    some.stub.data = pe_file({0x8664, {{".osrel", "systemd-stub"}}});
    CHECK(problems_of(some) ==
          "prologue: error: stub is no stub: it has a section '.osrel' already\n");
    some.stub.data = pe_file({0x8664, {{".text", "shell"}}});
    CHECK(problems_of(some).starts_with("prologue: warning: stub does not say"));
}

TEST_CASE("uki: a command line that would be another one at boot") {
    for (const char* blank : {"", "  "})
        CHECK(
            problems_of_cmdline(blank).starts_with("prologue: error: the command line is empty\n"));
    CHECK(problems_of_cmdline(std::string(2047, 'x')) == "");
    CHECK(problems_of_cmdline(std::string(2048, 'x')) ==
          "prologue: error: the command line has 2048 bytes, and the kernel takes 2047\n");
    CHECK(problems_of_cmdline("root=LABEL=раздел3") == "");
    for (const std::string& words : {std::string("ab\nro"), std::string("ab\0ro", 5),
                                     std::string("ab\xffro"), std::string("ab\tro")})
        CHECK(problems_of_cmdline(words).starts_with(
            "prologue: error: the command line has a character at byte 3 that it cannot hold\n"));
}

TEST_CASE("uki: what is no os-release") {
    UkiParts some = parts();
    for (const std::string& text :
         {std::string("text"), std::string("ID=\0", 4), "ID=" + std::string(65536, 'x')}) {
        some.osrel = {"os", text};
        CHECK(problems_of(some) ==
              "prologue: error: os is no os-release file\n  hint: see os-release(5)\n");
    }
}

TEST_CASE("uki: made by objcopy, the same on every day, and found sound") {
    const UkiParts some = parts();
    const Result<std::string> built = built_of(some);
    REQUIRE_OK(built);
    const Result<PeImage> image = read_pe(*built);
    REQUIRE_OK(image);
    CHECK(image->timestamp == 1234567890);
    CHECK(image->sections.size() == 5);
    CHECK(content_of(*built, *image->find(".cmdline")) == "quiet");
    CHECK(content_of(*built, *image->find(".text")) == "code");
    CHECK(built_of(some).value_or("") == *built);
}

TEST_CASE("uki: each way of being unsound has its words") {
    const UkiParts some = parts();
    const std::string built = built_of(some).value_or("");
    std::vector<UkiSection> sections = laid_out(some);
    CHECK(unsound(built, sections) == "none");
    CHECK(unsound(built.substr(0, built.size() - 1), sections).find("ends at byte") !=
          std::string::npos);
    std::string changed = built;
    changed[changed.rfind("quiet")] = 'Q';
    CHECK(unsound(changed, sections) == "its section '.cmdline' has another content");
    changed = built;
    changed[changed.find("code")] = 'C';
    CHECK(unsound(changed, sections) == "its section '.text' has another content");
    changed = built;
    changed[changed.find(".text")] = '_';
    CHECK(unsound(changed, sections) == "its section '.text' is missing");
    sections[0].address += 1;
    CHECK(unsound(built, sections) == "its section '.cmdline' is at another address");
    sections[0].name = ".splash";
    CHECK(unsound(built, sections) == "its section '.splash' is missing");
}

TEST_CASE("uki: without objcopy it says which package has it") {
    const std::string path = std::getenv("PATH");
    (void)setenv("PATH", "/nowhere", 1);
    const Result<std::string> built = built_of(parts());
    (void)setenv("PATH", path.c_str(), 1);
    CHECK(!built);
    if (built) return;
    CHECK(describe(built.error()) == "find program objcopy: it is not in $PATH");
    CHECK(built.error()->hint.find("'binutils'") != std::string::npos);
}

}  // namespace prologue::images
