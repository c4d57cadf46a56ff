// SPDX-License-Identifier: MIT
// Text to lines and tokens. What words mean is decided later.
#include "config/lexer.h"

#include <utility>

#include "init/base/compose.h"

namespace prologue::config {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_option_char(char c) {
    return is_lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

Span Lexer::span_of(std::size_t start, std::size_t length) const {
    return {&source_, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(length)};
}

Span Lexer::span_from(std::size_t start) const {
    return span_of(start, pos_ - start);
}

std::size_t Lexer::line_end(std::size_t ahead) const {
    if (peek(ahead) == '\n') return 1;
    return peek(ahead) == '\r' && peek(ahead + 1) == '\n' ? 2 : 0;
}

bool Lexer::ends_word() const {
    if (at_end() || is_blank(peek()) || line_end() != 0) return true;
    return peek() == '\\' && line_end(1) != 0;
}

bool Lexer::skip_blanks() {
    while (!at_end()) {
        if (is_blank(peek())) {
            ++pos_;
        } else if (peek() == '\\' && line_end(1) != 0) {
            pos_ += 1 + line_end(1);
        } else if (peek() == '#') {
            while (!at_end() && peek() != '\n') ++pos_;
        } else if (line_end() != 0) {
            pos_ += line_end();
            return false;
        } else {
            return true;
        }
    }
    return false;
}

std::size_t Lexer::option_name_length() const {
    if (!is_lower(peek())) return 0;
    std::size_t length = 1;
    while (is_option_char(peek(length))) ++length;
    return peek(length) == '=' ? length : 0;
}

Token Lexer::read_token() {
    Token token;
    const std::size_t start = pos_;
    const std::size_t name_length = option_name_length();
    if (name_length == 0) {
        token.word = read_word();
        token.span = token.word.span;
        if (!token.word.quoted && token.word.is_literal() && token.word.text() == "->") {
            token.kind = Token::Kind::kArrow;
            token.as_word = token.word;
        }
        return token;
    }
    token.kind = Token::Kind::kOption;
    token.option.name = text_.substr(start, name_length);
    token.option.name_span = span_of(start, name_length);
    pos_ += name_length + 1;
    token.option.value = read_word();
    token.option.span = token.span = span_from(start);
    add_literal(token.as_word, text_.substr(start, name_length + 1), start);
    for (const Segment& segment : token.option.value.segments) {
        token.as_word.segments.push_back(segment);
    }
    token.as_word.quoted = token.option.value.quoted;
    token.as_word.span = token.span;
    return token;
}

std::vector<Token> Lexer::read_line_tokens() {
    std::vector<Token> tokens;
    while (!stopped_ && skip_blanks()) {
        if (++words_ > kMaxWords) {
            error(span_of(pos_, 0),
                  compose("the file has more than {} words", std::to_string(kMaxWords)));
            stopped_ = true;
            break;
        }
        tokens.push_back(read_token());
    }
    return tokens;
}

bool Lexer::make_line(std::vector<Token> tokens, std::vector<Line>& lines) {
    const bool damaged = damaged_;
    if (tokens.empty()) return true;
    const Token& first = tokens.front();
    const bool bare =
        first.kind == Token::Kind::kWord && !first.word.quoted && first.word.is_literal();
    if (!bare && damaged) return true;
    if (first.kind == Token::Kind::kOption) {
        error(first.span, "a line begins with a keyword, not with an option",
              compose("write '{}=' behind the keyword; defaults for all stages are 'set' lines",
                      first.option.name));
        return true;
    }
    if (!bare) {
        error(first.span, "a line begins with a bare keyword",
              "'prologue stages' lists the keywords");
        return true;
    }
    Line line;
    line.keyword = first.word.text();
    line.keyword_span = first.span;
    const Span& last = tokens.back().span;
    line.damaged = damaged;
    line.span = span_of(first.span.offset, last.offset + last.length - first.span.offset);
    if (line.keyword != "set" && ++stage_lines_ > kMaxStageLines) {
        error(line.span,
              compose("the file has more than {} stage lines", std::to_string(kMaxStageLines)));
        return false;
    }
    tokens.erase(tokens.begin());
    line.tokens = std::move(tokens);
    lines.push_back(std::move(line));
    return true;
}

std::vector<Line> Lexer::run() {
    std::vector<Line> lines;
    if (text_.starts_with("\xEF\xBB\xBF")) pos_ = 3;  // reported by check_encoding()
    while (!at_end() && !stopped_) {
        damaged_ = false;
        if (!make_line(read_line_tokens(), lines)) break;
    }
    return lines;
}

std::vector<Line> parse_lines(const Source& source, Diagnostics& diagnostics) {
    if (source.text.size() > kMaxSourceBytes) {
        diagnostics.error(
            {&source, static_cast<std::uint32_t>(kMaxSourceBytes), 0},
            compose("the file has {} bytes; at most {} are read",
                    std::to_string(source.text.size()), std::to_string(kMaxSourceBytes)));
        return {};
    }
    if (!check_encoding(source, diagnostics)) return {};
    return Lexer(source, diagnostics).run();
}

}  // namespace prologue::config
