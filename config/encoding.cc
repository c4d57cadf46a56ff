// SPDX-License-Identifier: MIT
// What is no text at all: reported before any word is looked at.
#include "config/lexer.h"
#include "config/utf8.h"
#include "init/base/compose.h"

namespace prologue::config {
namespace {

constexpr std::uint32_t kByteOrderMark = 0xFEFF;

std::string hexadecimal(std::uint32_t value, std::size_t digits) {
    std::string text;
    while (text.size() < digits || value != 0) {
        text.insert(text.begin(), "0123456789abcdef"[value & 15]);
        value >>= 4;
    }
    return text;
}

// Each kind of mistake is said once: a file that is wrong in one place is wrong in many.
struct Said {
    bool carriage_return = false, control = false, utf8 = false;
};

void check_control(const Span& span, std::uint32_t code_point, bool before_newline,
                   Diagnostics& diagnostics, Said& said) {
    if (before_newline && code_point == '\r') {
        if (!said.carriage_return) {
            diagnostics.error(span, "the lines end in carriage return and newline",
                              "save the file with Unix line ends");
        }
        said.carriage_return = true;
        return;
    }
    if (!said.control) {
        diagnostics.error(span, "control character U+00" + hexadecimal(code_point, 2),
                          "a config file is plain text; remove it");
    }
    said.control = true;
}

}  // namespace

bool check_encoding(const Source& source, Diagnostics& diagnostics) {
    const std::string_view text = source.text;
    Said said;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] >= ' ' && text[at] < '\x7F') {  // ASCII, as nearly all of it
            ++at;
            continue;
        }
        const Character character = character_at(text, at);
        const Span span{&source, static_cast<std::uint32_t>(at),
                        static_cast<std::uint32_t>(character.length)};
        at += character.length;
        if (!character.valid) {
            if (!said.utf8) {
                const auto byte = static_cast<unsigned char>(text[span.offset]);
                diagnostics.error(span, compose("byte 0x{} is not UTF-8", hexadecimal(byte, 2)),
                                  "save the file as UTF-8");
            }
            said.utf8 = true;
        } else if (character.code_point == 0) {
            diagnostics.error(span, "NUL byte: this is not a text file");
            return false;
        } else if (character.code_point == kByteOrderMark) {
            diagnostics.error(span, "byte order mark", "save the file as UTF-8 without one");
        } else if (is_control(character.code_point) && character.code_point != '\n' &&
                   character.code_point != '\t') {
            const bool before_newline = at < text.size() && text[at] == '\n';
            check_control(span, character.code_point, before_newline, diagnostics, said);
        }
    }
    return true;
}

}  // namespace prologue::config
