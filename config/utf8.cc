// SPDX-License-Identifier: MIT
#include "config/utf8.h"

namespace prologue::config {
namespace {

// Bytes of the sequence that `lead` starts; 0 when no sequence starts so.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

bool is_code_point(std::uint32_t value, std::size_t length) {
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value >= kSmallest[length] && value <= 0x10FFFF && !surrogate;
}

}  // namespace

Character character_at(std::string_view text, std::size_t offset) {
    const auto lead = static_cast<unsigned char>(text[offset]);
    const std::size_t length = sequence_length(lead);
    if (length == 0 || length > text.size() - offset) return {};
    if (length == 1) return {1, lead, true};
    std::uint32_t value = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[offset + i]);
        if ((next & 0xC0) != 0x80) return {};
        value = (value << 6) | (next & 0x3Fu);
    }
    if (!is_code_point(value, length)) return {};
    return {length, value, true};
}

bool is_control(std::uint32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
}

std::string printable(std::string_view text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        const bool good = character.valid && !is_control(character.code_point);
        shown += good ? text.substr(at, character.length) : "?";
        at += character.length;
    }
    return shown;
}

}  // namespace prologue::config
