// SPDX-License-Identifier: MIT
// One word: bare text, quotes, references.
#include "config/lexer.h"

#include <algorithm>

namespace prologue::config {
namespace {

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '+' || c == '-';
}

}  // namespace

// Of most words all there is: what neither ends a word nor begins anything. Blanks are so in quotes alone.
std::size_t Lexer::plain_length(bool in_quotes) const {
    std::size_t length = 0;
    for (;; ++length) {
        switch (peek(length)) {
            case '\0':
            case '\n':
            case '\r':
            case '"':
            case '\\':
            case '$': return length;
            case ' ':
            case '\t':
                if (!in_quotes) return length;
                break;
            default: break;
        }
    }
}

void Lexer::read_plain(Word& word, bool in_quotes) {
    // At least one: a '$' or a carriage return that means itself.
    const std::size_t length = std::max<std::size_t>(plain_length(in_quotes), 1);
    add_literal(word, text_.substr(pos_, length), pos_);
    pos_ += length;
}

void Lexer::add_literal(Word& word, std::string_view text, std::size_t start) {
    if (word.segments.empty() || word.segments.back().kind != Segment::Kind::kLiteral) {
        word.segments.emplace_back();
        word.segments.back().span = span_of(start, 0);
    }
    Segment& segment = word.segments.back();
    segment.text += text;
    segment.span.length = static_cast<std::uint32_t>(start + text.size() - segment.span.offset);
}

Word Lexer::read_word() {
    Word word;
    const std::size_t start = pos_;
    while (!ends_word()) {
        if (peek() == '"') {
            read_quoted(word);
        } else if (peek() == '\\') {
            if (!read_backslash(word)) break;
        } else if (!read_dollar(word, false)) {
            read_plain(word, false);
        }
    }
    word.span = span_from(start);
    return word;
}

// Outside quotes a backslash is a plain character (udev writes \x20 into names), except where a
// continuation was meant.
bool Lexer::read_backslash(Word& word) {
    std::size_t ahead = 1;
    while (peek(ahead) == ' ' || peek(ahead) == '\t') ++ahead;
    if (pos_ + ahead >= text_.size()) {
        error(span_of(pos_, 1), "the backslash continues the line, but the file ends here",
              "remove it");
    } else if (ahead > 1 && line_end(ahead) != 0) {
        error(span_of(pos_, 1), "blanks stand behind the backslash at the end of the line",
              "remove them, so that the line is continued");
        pos_ += ahead + line_end(ahead);  // as it was meant
        return false;
    }
    add_literal(word, "\\", pos_);
    ++pos_;
    return true;
}

void Lexer::read_quoted(Word& word) {
    const std::size_t open = pos_++;
    word.quoted = true;
    while (!at_end() && line_end() == 0) {
        if (peek() == '"') {
            ++pos_;
            return;
        }
        if (peek() == '\\') {
            read_escape(word);
        } else if (!read_dollar(word, true)) {
            read_plain(word, true);
        }
    }
    error(span_of(open, 1), "this quote is not closed",
          "a quoted word ends on the line where it began; write \\\" for a quote inside it");
}

void Lexer::read_escape(Word& word) {
    const char next = peek(1);
    if (next == '"' || next == '\\') {
        add_literal(word, text_.substr(pos_ + 1, 1), pos_ + 1);
        pos_ += 2;
        return;
    }
    error(span_of(pos_, 1), "stray backslash in quotes",
          "only \\\" and \\\\ are known; write \\\\ for a backslash");
    add_literal(word, "\\", pos_);
    ++pos_;
}

// "$${" is a literal "${", "${" begins a reference; any other '$' is left to the caller.
bool Lexer::read_dollar(Word& word, bool in_quotes) {
    if (peek() != '$') return false;
    if (peek(1) == '$' && peek(2) == '{') {
        add_literal(word, text_.substr(pos_ + 1, 2), pos_ + 1);
        pos_ += 3;
        return true;
    }
    if (peek(1) != '{') return false;
    read_reference(word, in_quotes);
    return true;
}

void Lexer::read_reference(Word& word, bool in_quotes) {
    const std::size_t start = pos_;
    Segment segment;
    segment.kind = Segment::Kind::kReference;
    pos_ += 2;
    const std::size_t name_start = pos_;
    while (is_name_char(peek())) ++pos_;
    segment.text = text_.substr(name_start, pos_ - name_start);
    bool good = true;
    if (peek() == ':' && peek(1) == '-') {
        pos_ += 2;
        segment.has_fallback = true;
        segment.fallback = read_fallback(in_quotes, start, good);
    }
    if (good && peek() == '}') {
        ++pos_;
        if (segment.text.empty()) error(span_from(start), "the reference has no name");
    } else if (good) {
        const bool cut = at_end() || peek() == '"' || ends_word();
        error(span_of(start, pos_ - start + (cut ? 0 : 1)),
              cut ? "'${' is not closed" : "this character cannot stand in the name of a reference",
              "'${name}' and '${name:-default}' are references; '$${' is a literal '${'");
        good = false;
    }
    if (!good) segment.text.clear();
    segment.span = span_from(start);
    word.segments.push_back(std::move(segment));
}

std::string Lexer::read_fallback(bool in_quotes, std::size_t start, bool& good) {
    std::string fallback;
    while (!at_end() && peek() != '}' && peek() != '"' && line_end() == 0) {
        if (!in_quotes && ends_word()) break;
        if (peek() == '$' && peek(1) == '{') {
            if (good) error(span_of(pos_, 2), "references do not nest");
            good = false;
        }
        const bool escaped = in_quotes && peek() == '\\' && (peek(1) == '"' || peek(1) == '\\');
        if (escaped) ++pos_;
        fallback += peek();
        ++pos_;
    }
    if (good && peek() != '}') {
        error(span_from(start), "'${' is not closed",
              in_quotes ? "" : "a default with blanks needs quotes around the whole word");
        good = false;
    }
    if (!good && peek() == '}') ++pos_;
    return fallback;
}

}  // namespace prologue::config
