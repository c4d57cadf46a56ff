// SPDX-License-Identifier: MIT
// EFI programs, sound and hostile.
#include "images/pe.h"

#include "tests/unit/pe_maker.h"
#include "tests/unit/test.h"

namespace prologue::images {
namespace {

std::string error_of(const std::string& bytes) {
    const Result<PeImage> image = read_pe(bytes);
    return image ? "none" : image.error()->detail;
}

std::string layout_error_of(const std::string& bytes) {
    const Result<PeImage> image = read_pe(bytes);
    if (!image) return "unreadable: " + image.error()->detail;
    const Result<> layout = check_pe_layout(*image);
    return layout ? "none" : layout.error()->detail;
}

std::string with_word(std::size_t at, std::uint64_t value) {
    std::string bytes = pe_file();
    put_word(bytes, at, value);
    return bytes;
}

constexpr std::size_t kFirst = kPeTable, kSecond = kPeTable + 40;  // of the table of sections

}  // namespace

TEST_CASE("pe: headers and sections of a sound one") {
    const std::string bytes = pe_file();
    const Result<PeImage> image = read_pe(bytes);
    REQUIRE_OK(image);
    CHECK(is_pe(bytes));
    CHECK(pe_machine_name(image->machine) == "x86-64");
    CHECK(pe_machine_name(1) == "machine 1");
    CHECK(image->timestamp == 1234567890);
    CHECK(image->section_alignment == 0x200);
    CHECK(image->image_size == 0x6000);
    CHECK(image->is_efi_program);
    CHECK(!image->is_signed);
    CHECK(image->sections.size() == 2);
    const PeSection* magic = image->find(".sdmagic");
    CHECK(magic != nullptr);
    if (magic == nullptr) return;
    CHECK(magic->address == 0x5000);
    CHECK(content_of(bytes, *magic) == "systemd-stub 252");
    CHECK(image->find(".linux") == nullptr);
    CHECK(layout_error_of(bytes) == "none");
}

TEST_CASE("pe: what is none is refused") {
    CHECK(error_of("") == "is no EFI program (PE)");
    CHECK(error_of("MZ") == "is no EFI program (PE)");
    CHECK(error_of(std::string(4096, 'M')) == "is no EFI program (PE)");
    CHECK(error_of(with_word(0x3c, 0xfffffff0)) == "is no EFI program (PE)");
    CHECK(error_of(with_word(kPeOptional, 0x10b)) == "is an EFI program of 32 bits");
    CHECK(error_of(with_word(kPeOptional, 0x107)) ==
          "damaged EFI program: its header is of no known kind");
}

TEST_CASE("pe: one that is cut off anywhere is refused, and read no further") {
    const std::string bytes = pe_file();
    for (std::size_t length = 0; length < bytes.size(); ++length)
        CHECK(error_of(bytes.substr(0, length)) != "none");
    CHECK(error_of(bytes.substr(0, kPeTable + 79)) ==
          "damaged EFI program: its table of sections is cut off");
    CHECK(error_of(bytes.substr(0, bytes.size() - 1)) ==
          "damaged EFI program: its section '.sdmagic' ends at byte 2048, the file at 2047");
}

TEST_CASE("pe: lies in its header are found") {
    CHECK(error_of(with_word(kPeHeader + 6, 0xffff)).ends_with("its table of sections is cut off"));
    CHECK(error_of(with_word(kPeHeader + 20, 8)).ends_with("its header is too short"));
    CHECK(error_of(with_word(kPeOptional + 108, 0xffffffff)).ends_with("its header is too short"));
    CHECK(error_of(with_word(kPeOptional + 32, 0)).ends_with("is no power of two"));
    CHECK(error_of(with_word(kPeOptional + 32, 0x300)).ends_with("is no power of two"));
    CHECK(error_of(with_word(kFirst + 20, 0xfffffff0))
              .starts_with("damaged EFI program: its section"));
    CHECK(error_of(with_word(kFirst + 16, 0xffffffff))
              .starts_with("damaged EFI program: its section"));
}

TEST_CASE("pe: sections that overlap, or end outside, are no layout") {
    CHECK(layout_error_of(with_word(kSecond + 12, 0x4002)) ==
          "damaged EFI program: its section '.sdmagic' overlaps its section '.text'");
    CHECK(layout_error_of(with_word(kFirst + 12, 0x3ff)) ==
          "damaged EFI program: its section '.text' overlaps its headers");
    CHECK(layout_error_of(with_word(kSecond + 8, 0x1001)) ==
          "damaged EFI program: its section '.sdmagic' ends behind the program");
    CHECK(layout_error_of(with_word(kFirst + 12, 0xffffffff)) ==
          "damaged EFI program: its section '.text' ends behind the program");
}

TEST_CASE("pe: a signature is told") {
    const Result<PeImage> image = read_pe(with_word(kPeOptional + 148, 8));
    REQUIRE_OK(image);
    CHECK(image->is_signed);
}

TEST_CASE("pe: time and checksum") {
    std::string bytes = pe_file();
    const Result<PeImage> image = read_pe(bytes);
    REQUIRE_OK(image);
    stamp_pe(bytes, *image, 7);
    CHECK(number_at(bytes, kPeHeader + 8, 4) == 7);
    const std::uint64_t checksum = number_at(bytes, kPeOptional + 64, 4);
    // All words with the checksum's own taken as 0, as the sum is defined.
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2)
        if (at < kPeOptional + 64 || at >= kPeOptional + 68) sum += number_at(bytes, at, 2);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    CHECK(checksum == sum + bytes.size());
}

}  // namespace prologue::images
