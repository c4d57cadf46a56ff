// SPDX-License-Identifier: MIT
#include "tests/doc/mdoc.h"

#include "init/base/split.h"

namespace prologue::tests {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kWidth = 78;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// roff reads a backslash as an escape; the ellipsis is three characters in every encoding.
std::string escaped(std::string_view text) {
    std::string out(text);
    replace_all(out, "\\", "\\e");
    replace_all(out, kEllipsis, "...");
    return out;
}

bool is_control(std::string_view line) {
    return line.starts_with('.') || line.starts_with('\'');
}

// "CONF" and "QEMU ARG…" are placeholders, "-o" and "--" are written as they are.
std::string form_word(std::string_view word) {
    if (word.starts_with('-')) return "Fl " + mdoc_word(word.substr(1));
    const bool many = word.ends_with(kEllipsis);
    if (many) word.remove_suffix(kEllipsis.size());
    return "Ar " + mdoc_word(word) + (many ? " ..." : "");
}

}  // namespace

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& letter : out)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    return out;
}

std::string mdoc_text(std::string_view text) {
    const std::string plain = escaped(text);
    std::string out;
    std::string line;
    const auto end_line = [&] {
        if (is_control(line)) out += "\\&";
        out += line + "\n";
        line.clear();
    };
    for (std::string_view rest = plain; !rest.empty();) {
        std::string word(take_part(rest, ' '));
        if (word.starts_with('-') && word.size() > 1) replace_all(word, "-", "\\-");
        if (!line.empty() && line.size() + 1 + word.size() > kWidth) end_line();
        line += (line.empty() ? "" : " ") + word;
    }
    if (!line.empty()) end_line();
    return out;
}

std::string mdoc_word(std::string_view word) {
    std::string out = escaped(word);
    replace_all(out, "-", "\\-");
    // A word of two or three letters could be the name of a macro.
    return out.empty() ? "\\&" : (out.size() <= 3 ? "\\&" + out : out);
}

std::string mdoc_literal(std::string_view line) {
    std::string out(line);
    replace_all(out, "\\", "\\e");
    replace_all(out, "-", "\\-");
    return (is_control(out) ? "\\&" : "") + out + "\n";
}

std::string mdoc_form(std::string_view form) {
    std::string out;
    while (!form.empty()) {
        std::string_view word = take_part(form, ' ');
        if (!out.empty()) out += ' ';
        if (word.starts_with('[')) {
            out += "Oo ";
            word.remove_prefix(1);
        }
        const bool closes = word.ends_with(']');
        if (closes) word.remove_suffix(1);
        out += form_word(word);
        if (closes) out += " Oc";
    }
    return out;
}

}  // namespace prologue::tests
