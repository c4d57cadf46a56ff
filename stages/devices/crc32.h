// SPDX-License-Identifier: MIT
// The checksum of a GPT: CRC-32 of IEEE 802.3, bits reflected.   Source: UEFI 2.10, 5.3.2.
#pragma once

#include <cstdint>
#include <span>

namespace prologue {

// The register after these bytes; it is neither inverted before nor behind.
std::uint32_t add_crc32(std::uint32_t crc, std::span<const unsigned char> bytes);

}  // namespace prologue
