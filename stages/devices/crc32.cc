// SPDX-License-Identifier: MIT
#include "stages/devices/crc32.h"

#include <cstring>

#include <endian.h>

namespace prologue {
namespace {

// What each value of a byte does to the register when 0 to 3 more bytes follow it ("slicing by four").
// Made when it is first needed: in the file it would take 4 KiB.
struct Tables {
    std::uint32_t of[4][256];
};

void fill(Tables& tables) {
    constexpr std::uint32_t kPolynomial = 0xEDB88320;
    for (std::uint32_t value = 0; value < 256; ++value) {
        std::uint32_t crc = value;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
        tables.of[0][value] = crc;
    }
    for (int behind = 1; behind < 4; ++behind) {
        for (std::uint32_t value = 0; value < 256; ++value) {
            const std::uint32_t crc = tables.of[behind - 1][value];
            tables.of[behind][value] = (crc >> 8) ^ tables.of[0][crc & 0xFF];
        }
    }
}

const Tables& filled_tables() {
    static constinit Tables tables{};
    if (tables.of[0][1] == 0) fill(tables);
    return tables;
}

}  // namespace

std::uint32_t add_crc32(std::uint32_t crc, std::span<const unsigned char> bytes) {
    const auto& of = filled_tables().of;
    for (; bytes.size() >= sizeof crc; bytes = bytes.subspan(sizeof crc)) {
        std::uint32_t four = 0;
        std::memcpy(&four, bytes.data(), sizeof four);
        crc ^= le32toh(four);
        crc =
            of[3][crc & 0xFF] ^ of[2][crc >> 8 & 0xFF] ^ of[1][crc >> 16 & 0xFF] ^ of[0][crc >> 24];
    }
    for (const unsigned char byte : bytes) crc = (crc >> 8) ^ of[0][(crc ^ byte) & 0xFF];
    return crc;
}

}  // namespace prologue
