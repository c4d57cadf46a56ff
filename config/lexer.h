// SPDX-License-Identifier: MIT
// The lexer's inside: one pass over the text, no look-back. lexer.cc makes lines and tokens,
// lexer_word.cc words with their quotes and references. Everybody else uses parse_lines().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/line.h"

namespace prologue::config {

// Reports what is no text: NUL bytes, control characters, invalid UTF-8. False when there is no
// sense in reading on (NUL: not a text file at all).
bool check_encoding(const Source& source, Diagnostics& diagnostics);

class Lexer {
  public:
    Lexer(const Source& source, Diagnostics& diagnostics)
        : source_(source), text_(source.text), diagnostics_(diagnostics) {}

    std::vector<Line> run();

  private:
    [[nodiscard]] bool at_end() const { return pos_ >= text_.size(); }
    // The byte at `ahead` from here; NUL past the end (the text itself holds none).
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0';
    }
    [[nodiscard]] Span span_from(std::size_t start) const;
    [[nodiscard]] Span span_of(std::size_t start, std::size_t length) const;
    // Bytes of the line end that starts `ahead` from here: 0, 1, or 2 with a carriage return.
    [[nodiscard]] std::size_t line_end(std::size_t ahead = 0) const;
    [[nodiscard]] bool ends_word() const;
    // An error of the text; the line that is being read is damaged.
    void error(const Span& span, Text message, Text hint = {}) {
        damaged_ = true;
        diagnostics_.error(span, message, hint);
    }

    // lexer.cc
    bool skip_blanks();  // false at the end of the logical line
    std::vector<Token> read_line_tokens();
    Token read_token();
    std::size_t option_name_length() const;
    bool make_line(std::vector<Token> tokens, std::vector<Line>& lines);

    // lexer_word.cc
    [[nodiscard]] std::size_t plain_length(bool in_quotes) const;
    void read_plain(Word& word, bool in_quotes);
    Word read_word();
    void read_quoted(Word& word);
    void read_escape(Word& word);
    bool read_backslash(Word& word);  // false when the word ends with it
    bool read_dollar(Word& word, bool in_quotes);
    void read_reference(Word& word, bool in_quotes);
    std::string read_fallback(bool in_quotes, std::size_t start, bool& good);
    void add_literal(Word& word, std::string_view text, std::size_t start);

    const Source& source_;
    std::string_view text_;
    Diagnostics& diagnostics_;
    std::size_t pos_ = 0;
    std::size_t words_ = 0;
    std::size_t stage_lines_ = 0;
    bool stopped_ = false;
    bool damaged_ = false;
};

}  // namespace prologue::config
