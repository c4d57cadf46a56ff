// SPDX-License-Identifier: MIT
// Text for mdoc(7) pages.
#pragma once

#include <string>
#include <string_view>

namespace prologue::tests {

// Upper case of ASCII letters, as `prologue stages` shows words.
std::string upper(std::string_view text);
// Running text: escaped, broken into lines of less than 80 bytes, with a newline at its end.
std::string mdoc_text(std::string_view text);
// One argument of a macro.
std::string mdoc_word(std::string_view word);
// A line of a literal display.
std::string mdoc_literal(std::string_view line);
// "[CONF] -o OUT" as macros: "Oo Ar CONF Oc Fl o Ar OUT".
std::string mdoc_form(std::string_view form);

}  // namespace prologue::tests
