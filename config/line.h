// SPDX-License-Identifier: MIT
// Tokens and lines: what a config text says before anybody knows what its words mean.
//
// Grammar (prologue.conf(5)): a line is `keyword word… [-> name] option=value…`. '#' starts a comment
// where a word may start. Double quotes group, with \" and \\ inside; a backslash at a line's end
// continues it. Only "${" is special in a word, "$${" is a literal "${".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/source.h"

namespace prologue::config {

inline constexpr std::size_t kMaxSourceBytes = 64 * 1024;
inline constexpr std::size_t kMaxStageLines = 256;
// Words of a whole file; it bounds the memory that a hostile file can take from PID 1.
inline constexpr std::size_t kMaxWords = 8192;

// A piece of a word: literal text, or a reference `${name}` / `${name:-fallback}`.
struct Segment {
    enum class Kind : std::uint8_t { kLiteral, kReference };
    Kind kind = Kind::kLiteral;
    std::string text;  // the literal text, or the referenced name ("cmdline.root"); empty for
                       // a reference that was reported as wrong
    bool has_fallback = false;  // `:-` was written
    std::string fallback;       // used when the name is unset or empty
    Span span;
};

// One word. An expansion never splits it and never makes an option of it.
struct Word {
    std::vector<Segment> segments;
    bool quoted = false;  // any part of it stood in quotes
    Span span;

    // True when nothing in it waits for a value.
    [[nodiscard]] bool is_literal() const;
    // The text of a literal word; references are shown as they were written otherwise.
    [[nodiscard]] std::string text() const;
    static Word literal(std::string text, const Span& span = {});
};

// `name=value`, decided before expansion: a bare lower-case word and '='.
struct OptionToken {
    std::string name;  // as written; compare with same_keyword()
    Word value;
    Span name_span;  // the name without '='
    Span span;       // the whole token
};

// One token after the keyword, in the order of the text.
struct Token {
    enum class Kind : std::uint8_t { kWord, kOption, kArrow };
    Kind kind = Kind::kWord;
    Word word;           // kWord
    OptionToken option;  // kOption; `option.span` text can be read back as a word in verbatim lines
    Word as_word;        // kOption and kArrow: the same token read as a plain word
    Span span;
};

struct Line {
    std::string keyword;
    Span keyword_span;
    std::vector<Token> tokens;
    Span span;             // from the keyword to the last token
    bool damaged = false;  // its text has a mistake that is reported already
};

// Splits a text into lines. Every byte sequence gets lines or diagnostics: too long, NUL bytes,
// control characters, invalid UTF-8, unterminated quote, stray backslash, bad reference. A line with
// an error of its own is still given back when its keyword is known, for further checks.
std::vector<Line> parse_lines(const Source& source, Diagnostics& diagnostics);

// Keywords and option names read '-' and '_' alike.
bool same_keyword(std::string_view a, std::string_view b);

}  // namespace prologue::config
