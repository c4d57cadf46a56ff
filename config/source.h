// SPDX-License-Identifier: MIT
// Config text and positions in it. Text only: this folder makes no system call.
#pragma once

#include <cstdint>
#include <string>

namespace prologue::config {

// One config text. Outlives every Span, Diagnostic and Plan that points into it.
struct Source {
    std::string name;  // as the user named it: "boot.conf", "/etc/prologue.conf", "(prelude)"
    std::string text;
};

// A run of bytes of one source. `source` is never null in a Span that came from the lexer.
struct Span {
    const Source* source = nullptr;
    std::uint32_t offset = 0;  // bytes from the start of the text
    std::uint32_t length = 0;  // bytes; 0 = a place, shown as one caret
};

// What an editor would show: both from 1; the column counts characters of UTF-8, not bytes.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};
Position position_of(const Span& span);

}  // namespace prologue::config
