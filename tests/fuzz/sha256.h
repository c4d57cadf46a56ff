// SPDX-License-Identifier: MIT
// SHA-256, so that a target can put the right checksum on what it makes.   Source: FIPS 180-4.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace prologue::fuzz {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);

}  // namespace prologue::fuzz
