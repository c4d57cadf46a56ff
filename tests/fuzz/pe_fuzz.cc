// SPDX-License-Identifier: MIT
// EFI programs, as `uki` reads its stub and its kernel: an answer or an error, all of it inside the bytes,
// and a stub's sections are never laid over.
#include "images/pe.h"

#include "images/uki.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

void stamp(std::string_view input, const images::PeImage& image) {
    constexpr std::uint64_t kTime = 1234567890;
    std::string bytes(input);
    images::stamp_pe(bytes, image, kTime);
    HOLDS(bytes.size() == input.size());
    const Result<images::PeImage> again = images::read_pe(bytes);
    // Headers that overlap may have changed each other.
    HOLDS(!again || again->timestamp == kTime || again->header != image.header);
}

void lay_out(std::string_view input, const images::PeImage& stub) {
    images::UkiParts parts;
    parts.stub.data = input;
    parts.kernel.data = "kernel";
    parts.cmdline = "quiet";
    const Result<std::vector<images::UkiSection>> sections = images::lay_out_uki(stub, parts);
    if (!sections) return;
    for (const images::UkiSection& section : *sections) {
        HOLDS(section.address % stub.section_alignment == 0);
        for (const images::PeSection& own : stub.sections)
            HOLDS(section.address >= own.address + own.size);
    }
}

}  // namespace

void fuzz_one(std::string_view input) {
    const Result<images::PeImage> image = images::read_pe(input);
    if (!image) {
        HOLDS(!image.error()->detail.empty());
        return;
    }
    HOLDS(images::is_pe(input));
    const Result<> layout = images::check_pe_layout(*image);
    HOLDS(layout || !layout.error()->detail.empty());
    for (const images::PeSection& section : image->sections)
        HOLDS(images::content_of(input, section).size() <= section.size);
    stamp(input, *image);
    lay_out(input, *image);
}

}  // namespace prologue::fuzz
