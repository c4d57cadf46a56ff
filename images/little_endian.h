// SPDX-License-Identifier: MIT
// Numbers in the bytes of a file. The caller has checked that they lie inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace prologue::images {

// The `size` bytes at `at`, at most eight, the least significant first.
inline std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

inline void put_number(std::string& bytes, std::size_t at, std::size_t size, std::uint64_t value) {
    for (std::size_t i = 0; i < size; ++i, value >>= 8)
        bytes[at + i] = static_cast<char>(static_cast<unsigned char>(value));
}

}  // namespace prologue::images
