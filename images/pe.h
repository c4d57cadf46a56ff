// SPDX-License-Identifier: MIT
// What this tool must know about 64-bit programs of EFI, which are PE files. Read by hand and
// bounds-checked: any bytes give an answer or an error.
// Source: Microsoft's "PE Format"; the UEFI specification, 2.1.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/error.h"

namespace prologue::images {

struct PeSection {
    std::string name;
    std::uint64_t address = 0, size = 0;  // in memory, in bytes, from the program's own start
    std::uint64_t file_offset = 0, file_size = 0;
};

struct PeImage {
    std::size_t header = 0;  // where "PE\0\0" lies
    std::uint64_t machine = 0;
    std::uint64_t timestamp = 0;  // seconds since 1970
    std::uint64_t base = 0;       // what addresses of tools count from
    std::uint64_t section_alignment = 0;
    std::uint64_t image_size = 0, headers_size = 0;
    bool is_efi_program = false;
    bool is_signed = false;
    std::vector<PeSection> sections;  // in the order of the table

    [[nodiscard]] const PeSection* find(std::string_view name) const;
};

// True for what begins as a PE file does.
bool is_pe(std::string_view bytes);

// kRefused for what is no PE file of 64 bits, and for one whose headers or sections lie outside it.
Result<PeImage> read_pe(std::string_view bytes);

// What the firmware demands of sections in memory: behind the headers, at multiples of the alignment
// or at least apart from each other, and within the program's size.
Result<> check_pe_layout(const PeImage& image);

// The bytes of a section that the file has; `bytes` is what `image` was read from.
std::string_view content_of(std::string_view bytes, const PeSection& section);

// "x86-64", or the number of one that has no name here.
std::string pe_machine_name(std::uint64_t machine);

// Sets the time that the linker or a later tool has written, and the checksum over everything.
void stamp_pe(std::string& bytes, const PeImage& image, std::uint64_t timestamp);

}  // namespace prologue::images
