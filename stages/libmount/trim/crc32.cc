// SPDX-License-Identifier: MIT
// libblkid's checksum of a GPT's header and entries, four bytes at a time. With every disk of a machine
// 16 KiB are summed up, which byte by byte were a quarter of what looking at one takes. As in
// unused_parts.cc, these definitions keep the member of the archive with the library's own out.
// Source: util-linux 2.38, lib/crc32.c.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stages/devices/crc32.h"

extern "C" {

std::uint32_t ul_crc32(std::uint32_t seed, const unsigned char* bytes, std::size_t size) {
    return prologue::add_crc32(seed, {bytes, size});
}

// As if the bytes from `hole` on were zeroes: there the sum itself stands.
std::uint32_t ul_crc32_exclude_offset(std::uint32_t seed, const unsigned char* bytes,
                                      std::size_t size, std::size_t hole, std::size_t hole_size) {
    const std::size_t begin = std::min(hole, size);
    const std::size_t end = begin + std::min(hole_size, size - begin);
    std::uint32_t crc = ul_crc32(seed, bytes, begin);
    constexpr unsigned char kZero = 0;
    for (std::size_t at = begin; at < end; ++at) crc = ul_crc32(crc, &kZero, 1);
    return ul_crc32(crc, bytes + end, size - end);
}

}  // extern "C"
