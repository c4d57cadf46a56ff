// SPDX-License-Identifier: MIT
// EFI programs that nobody could run: headers and sections.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/little_endian.h"

namespace prologue::images {

// Where things lie in what pe_file() makes.
inline constexpr std::size_t kPeHeader = 0x80, kPeOptional = kPeHeader + 24,
                             kPeTable = kPeOptional + 240;

inline void put_word(std::string& bytes, std::size_t at, std::uint64_t value) {
    put_number(bytes, at, 4, value);
}

struct PeRecipe {
    std::uint64_t machine = 0x8664;
    std::vector<std::pair<std::string, std::string>> sections = {{".text", "code"},
                                                                 {".sdmagic", "systemd-stub 252"}};
};

// Sections of at most 512 bytes, at 0x4000, 0x5000, …
inline std::string pe_file(const PeRecipe& recipe = {}) {
    constexpr std::size_t kHeaders = 0x400, kFileAlignment = 0x200;
    std::string bytes(kHeaders, '\0');
    bytes.replace(0, 2, "MZ");
    put_word(bytes, 0x3c, kPeHeader);
    bytes.replace(kPeHeader, 2, "PE");
    put_number(bytes, kPeHeader + 4, 2, recipe.machine);
    put_number(bytes, kPeHeader + 6, 2, recipe.sections.size());
    put_word(bytes, kPeHeader + 8, 1234567890);
    put_number(bytes, kPeHeader + 20, 2, 240);
    put_number(bytes, kPeHeader + 22, 2, 0x206);
    put_number(bytes, kPeOptional, 2, 0x20b);
    put_word(bytes, kPeOptional + 16, 0x4000);  // the entry
    put_word(bytes, kPeOptional + 32, 0x200);
    put_word(bytes, kPeOptional + 36, kFileAlignment);
    put_word(bytes, kPeOptional + 56, 0x4000 + 0x1000 * recipe.sections.size());
    put_word(bytes, kPeOptional + 60, kHeaders);
    put_number(bytes, kPeOptional + 68, 2, 10);
    put_word(bytes, kPeOptional + 108, 16);
    std::size_t number = 0;
    for (const auto& [name, content] : recipe.sections) {
        const std::size_t at = kPeTable + 40 * number;
        bytes.replace(at, name.size(), name);
        put_word(bytes, at + 8, content.size());
        put_word(bytes, at + 12, 0x4000 + 0x1000 * number++);
        put_word(bytes, at + 16, kFileAlignment);
        put_word(bytes, at + 20, bytes.size());
        put_word(bytes, at + 36, 0x60000020);
        bytes += content;
        bytes.resize((bytes.size() + kFileAlignment - 1) / kFileAlignment * kFileAlignment, '\0');
    }
    return bytes;
}

}  // namespace prologue::images
