// SPDX-License-Identifier: MIT
// Just enough UTF-8 to count characters and to refuse what is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace prologue::config {

struct Character {
    std::size_t length = 1;        // bytes; 1 for a byte that is no UTF-8
    std::uint32_t code_point = 0;  // meaningless unless valid
    bool valid = false;
};

// The character that starts at `offset`, which must lie inside `text`. Overlong forms, surrogates
// and code points past U+10FFFF are not valid.
Character character_at(std::string_view text, std::size_t offset);

// C0, DEL and C1: bytes that steer a terminal. Tab and newline are among them.
bool is_control(std::uint32_t code_point);

// Somebody else's text, such as a label, with '?' for everything that could steer the terminal that
// shows it.
std::string printable(std::string_view text);

}  // namespace prologue::config
