// SPDX-License-Identifier: MIT
#include "images/pe.h"

#include <algorithm>

#include "images/little_endian.h"

namespace prologue::images {
namespace {

using namespace std::string_view_literals;

// Places in the DOS header, and behind "PE\0\0".
constexpr std::size_t kDosHeaderBytes = 64, kHeaderAt = 0x3c;
constexpr std::size_t kMachineAt = 4, kSectionsAt = 6, kTimeAt = 8, kOptionalBytesAt = 20,
                      kOptionalAt = 24;
// In the optional header of 64-bit files.
constexpr std::size_t kBaseAt = 24, kAlignmentAt = 32, kImageSizeAt = 56, kHeadersSizeAt = 60,
                      kChecksumAt = 64, kSubsystemAt = 68, kDirectoriesAt = 108, kSignatureAt = 144,
                      kOptionalBytes = 112, kDirectoryBytes = 8;
constexpr std::uint64_t kMagic64 = 0x20b, kMagic32 = 0x10b, kSubsystemEfi = 10;
constexpr std::uint64_t kSignatureDirectory = 4;
constexpr std::size_t kSectionBytes = 40, kNameBytes = 8;

Unexpected no_pe(std::string why) {
    return fail(Error::refused("read", {}, std::move(why)));
}

Unexpected damaged(std::string why) {
    return no_pe("damaged EFI program: " + std::move(why));
}

std::string quoted(const PeSection& section) {
    return "its section '" + section.name + "'";
}

Result<PeSection> read_section(std::string_view bytes, std::size_t at) {
    PeSection section;
    const std::string_view name = bytes.substr(at, kNameBytes);
    section.name = name.substr(0, std::min(name.find('\0'), name.size()));
    section.size = number_at(bytes, at + 8, 4);
    section.address = number_at(bytes, at + 12, 4);
    section.file_size = number_at(bytes, at + 16, 4);
    section.file_offset = number_at(bytes, at + 20, 4);
    if (section.file_size != 0 && section.file_offset + section.file_size > bytes.size())
        return damaged(quoted(section) + " ends at byte " +
                       std::to_string(section.file_offset + section.file_size) + ", the file at " +
                       std::to_string(bytes.size()));
    return section;
}

Result<> read_sections(std::string_view bytes, std::size_t at, PeImage& image) {
    const std::size_t count = number_at(bytes, image.header + kSectionsAt, 2);
    if (at > bytes.size() || (bytes.size() - at) / kSectionBytes < count)
        return damaged("its table of sections is cut off");
    for (std::size_t i = 0; i < count; ++i)
        image.sections.push_back(TRY(read_section(bytes, at + i * kSectionBytes)));
    return {};
}

}  // namespace

const PeSection* PeImage::find(std::string_view name) const {
    for (const PeSection& section : sections)
        if (section.name == name) return &section;
    return nullptr;
}

bool is_pe(std::string_view bytes) {
    if (bytes.size() < kDosHeaderBytes || !bytes.starts_with("MZ")) return false;
    const std::size_t at = number_at(bytes, kHeaderAt, 4);
    return at <= bytes.size() && bytes.substr(at, 4) == "PE\0\0"sv;
}

Result<PeImage> read_pe(std::string_view bytes) {
    if (!is_pe(bytes)) return no_pe("is no EFI program (PE)");
    PeImage image;
    image.header = number_at(bytes, kHeaderAt, 4);
    const std::size_t optional = image.header + kOptionalAt;
    if (optional + kOptionalBytes > bytes.size()) return damaged("its header is cut off");
    const std::uint64_t magic = number_at(bytes, optional, 2);
    if (magic == kMagic32) return no_pe("is an EFI program of 32 bits");
    if (magic != kMagic64) return damaged("its header is of no known kind");
    const std::size_t optional_bytes = number_at(bytes, image.header + kOptionalBytesAt, 2);
    const std::uint64_t directories = number_at(bytes, optional + kDirectoriesAt, 4);
    if (optional_bytes < kOptionalBytes ||
        (optional_bytes - kOptionalBytes) / kDirectoryBytes < directories)
        return damaged("its header is too short");
    image.machine = number_at(bytes, image.header + kMachineAt, 2);
    image.timestamp = number_at(bytes, image.header + kTimeAt, 4);
    image.base = number_at(bytes, optional + kBaseAt, 8);
    image.section_alignment = number_at(bytes, optional + kAlignmentAt, 4);
    image.image_size = number_at(bytes, optional + kImageSizeAt, 4);
    image.headers_size = number_at(bytes, optional + kHeadersSizeAt, 4);
    image.is_efi_program = number_at(bytes, optional + kSubsystemAt, 2) == kSubsystemEfi;
    if ((image.section_alignment & (image.section_alignment - 1)) != 0 ||
        image.section_alignment == 0)
        return damaged("the alignment of its sections is no power of two");
    TRY_VOID(read_sections(bytes, optional + optional_bytes, image));
    // The table of sections begins behind the directories, so that these lie inside, too.
    image.is_signed = directories > kSignatureDirectory &&
                      optional + kSignatureAt + kDirectoryBytes <= bytes.size() &&
                      number_at(bytes, optional + kSignatureAt + 4, 4) != 0;
    return image;
}

Result<> check_pe_layout(const PeImage& image) {
    std::vector<const PeSection*> in_memory;
    for (const PeSection& section : image.sections) in_memory.push_back(&section);
    std::sort(in_memory.begin(), in_memory.end(),
              [](const auto* a, const auto* b) { return a->address < b->address; });
    std::uint64_t end = image.headers_size;
    std::string before = "its headers";
    for (const PeSection* section : in_memory) {
        if (section->address < end) return damaged(quoted(*section) + " overlaps " + before);
        end = section->address + section->size;
        before = quoted(*section);
        if (end > image.image_size) return damaged(before + " ends behind the program");
    }
    return {};
}

std::string_view content_of(std::string_view bytes, const PeSection& section) {
    return bytes.substr(std::min<std::uint64_t>(section.file_offset, bytes.size()),
                        std::min(section.size, section.file_size));
}

std::string pe_machine_name(std::uint64_t machine) {
    switch (machine) {
        case 0x8664: return "x86-64";
        case 0xaa64: return "arm64";
        case 0x5064: return "riscv64";
        default: return "machine " + std::to_string(machine);
    }
}

// The checksum is the sum of all words of 16 bits, its own taken as 0, with the carry added again,
// plus the length.
void stamp_pe(std::string& bytes, const PeImage& image, std::uint64_t timestamp) {
    const std::size_t checksum_at = image.header + kOptionalAt + kChecksumAt;
    put_number(bytes, image.header + kTimeAt, 4, timestamp);
    put_number(bytes, checksum_at, 4, 0);
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        sum += number_at(bytes, at, std::min<std::size_t>(2, bytes.size() - at));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    put_number(bytes, checksum_at, 4, sum + bytes.size());
}

}  // namespace prologue::images
