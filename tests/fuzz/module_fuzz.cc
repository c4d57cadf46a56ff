// SPDX-License-Identifier: MIT
// A module as a file: its compression, its sections, and the target's look at one that would not
// load. Programs share the reader of ELF files.
#include <algorithm>

#include "images/compress.h"
#include "images/elf.h"
#include "images/modinfo.h"
#include "images/module_signature.h"
#include "stages/kmod/module_failure.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

using images::Compression;

constexpr std::size_t kLimit = std::size_t{4} * 1024 * 1024;

void check_unpacking(std::string_view input, Compression compression) {
    const images::Decoded decoded = images::decompress(compression, input, kLimit);
    HOLDS(decoded.consumed <= input.size());
    HOLDS(decoded.data.size() <= kLimit || !decoded.problem.empty());
    HOLDS(is_printable(decoded.problem));
    const images::Decoded again = images::decompress(compression, input, kLimit / 2);
    HOLDS(again.problem.empty() == (decoded.problem.empty() && decoded.data.size() <= kLimit / 2));
}

bool lies_inside(std::string_view part, std::string_view whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_module(std::string_view module) {
    const Result<std::string_view> section = images::elf_section(module, ".modinfo");
    const Result<images::ModuleInfo> info = images::parse_modinfo(module);
    HOLDS(section.has_value() == info.has_value());
    if (!info) return;
    HOLDS(lies_inside(*section, module));
    HOLDS(images::normalise_module_name(info->name) == info->name);
    for (const std::string& text : info->firmware) HOLDS(text.find('\0') == std::string::npos);
}

void check_signature(std::string_view module) {
    const Result<std::string_view> bare = images::without_signature(module);
    const bool is_signed = module.ends_with(kModuleSignatureMark.view());
    HOLDS(bare ? module.starts_with(*bare) && (bare->size() < module.size()) == is_signed
               : is_signed);
    HOLDS(!bare || !bare->ends_with(kModuleSignatureMark.view()));
}

void check_program(std::string_view program) {
    const Result<images::ElfProgram> elf = images::parse_elf_program(program);
    if (!elf) return;
    HOLDS(images::is_elf(program));
    for (const std::string& name : elf->needed) HOLDS(program.find(name) != std::string_view::npos);
    for (const std::string& path : elf->runpath) HOLDS(path.find(':') == std::string::npos);
}

// Both sides of the project know the same kinds of files.
void check_format(std::string_view input) {
    const std::span<const unsigned char> head(reinterpret_cast<const unsigned char*>(input.data()),
                                              std::min(input.size(), kModuleHeadSize));
    const auto compression = images::detect_compression(input);
    switch (identify_module_file(head, input.size())) {
        case ModuleFormat::kElf:
        case ModuleFormat::kTruncated: HOLDS(images::is_elf(input)); break;
        case ModuleFormat::kEmpty: HOLDS(input.empty()); break;
        case ModuleFormat::kZstd: HOLDS(compression == Compression::kZstd); break;
        case ModuleFormat::kXz:
            HOLDS(input.size() < 6 || input[5] != '\0' || compression == Compression::kXz);
            break;
        case ModuleFormat::kGzip: HOLDS(!compression || compression == Compression::kGzip); break;
        case ModuleFormat::kUnknown: HOLDS(!images::is_elf(input)); break;
    }
}

}  // namespace

void fuzz_one(std::string_view input) {
    check_format(input);
    const auto compression = images::detect_compression(input);
    if (compression) check_unpacking(input, *compression);
    const Result<std::string> plain = images::unpack_module(std::string(input), kLimit);
    if (!plain) return;
    HOLDS(compression || *plain == input);
    HOLDS(plain->size() <= std::max(kLimit, input.size()));
    check_module(*plain);
    check_signature(*plain);
    check_program(*plain);
}

}  // namespace prologue::fuzz
