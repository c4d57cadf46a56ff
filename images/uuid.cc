// SPDX-License-Identifier: MIT
#include "images/uuid.h"

#include <cstdint>

namespace prologue::images {
namespace {

// FNV-1a, 64 bits (Fowler, Noll, Vo).
constexpr std::uint64_t kOffset = 0xcbf29ce484222325, kPrime = 0x100000001b3;

std::uint64_t hash(std::uint64_t state, std::string_view content) {
    for (const char letter : content) {
        state ^= static_cast<unsigned char>(letter);
        state *= kPrime;
    }
    return state;
}

}  // namespace

std::string uuid_of_content(std::string_view content) {
    // The second half hashes from another start, so that both halves do not collide together.
    const std::uint64_t first = hash(kOffset, content);
    const std::uint64_t second = hash(~kOffset, content);
    std::string uuid;
    for (const std::uint64_t half : {first, second})
        for (int shift = 56; shift >= 0; shift -= 8)
            uuid += static_cast<char>(half >> shift & 0xff);
    uuid[6] = static_cast<char>((uuid[6] & 0x0f) | 0x80);  // version 8
    uuid[8] = static_cast<char>((uuid[8] & 0x3f) | 0x80);  // the variant of the RFC
    return uuid;
}

}  // namespace prologue::images
