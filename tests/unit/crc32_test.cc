// SPDX-License-Identifier: MIT
#include "stages/devices/crc32.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace prologue {
namespace {

std::uint32_t sum(std::string_view text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    return ~add_crc32(~std::uint32_t{0}, {bytes, text.size()});
}

}  // namespace

TEST_CASE("crc32: known sums") {
    CHECK(sum("") == 0);
    CHECK(sum("a") == 0xE8B7BE43);
    CHECK(sum("abc") == 0x352441C2);
    CHECK(sum("123456789") == 0xCBF43926);
    CHECK(sum(std::string(16384, '\0')) == 0xAB54D286);
}

TEST_CASE("crc32: in parts of any size it is the same") {
    std::string text;
    for (int i = 0; i < 61; ++i) text += static_cast<char>(i * 37 + 5);
    const std::uint32_t whole = sum(text);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        std::uint32_t crc = add_crc32(~std::uint32_t{0}, {bytes, cut});
        crc = add_crc32(crc, {bytes + cut, text.size() - cut});
        CHECK(~crc == whole);
    }
}

}  // namespace prologue
