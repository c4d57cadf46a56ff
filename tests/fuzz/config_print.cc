// SPDX-License-Identifier: MIT
#include "tests/fuzz/config_print.h"

#include <algorithm>

namespace prologue::fuzz {
namespace {

using config::Segment;
using config::Token;
using config::Word;

void print_escaped(std::string_view text, bool in_quotes, std::string& out) {
    for (const char c : text) {
        if (in_quotes && (c == '"' || c == '\\')) out += '\\';
        out += c;
    }
}

void print_literal(std::string_view text, bool in_quotes, std::string& out) {
    for (;;) {
        const std::size_t at = text.find("${");
        print_escaped(text.substr(0, at), in_quotes, out);
        if (at == std::string_view::npos) return;
        out += "$${";
        text.remove_prefix(at + 2);
    }
}

void print_reference(const Segment& segment, bool in_quotes, std::string& out) {
    out += "${" + segment.text;
    if (segment.has_fallback) {
        out += ":-";
        print_escaped(segment.fallback, in_quotes, out);
    }
    out += '}';
}

void print_word(const Word& word, std::string& out) {
    if (word.quoted) out += '"';
    for (const Segment& segment : word.segments) {
        if (segment.kind == Segment::Kind::kLiteral) {
            print_literal(segment.text, word.quoted, out);
            continue;
        }
        // A '$' in front of a reference would make a literal of it: new quotes part them.
        if (word.quoted && out.ends_with('$')) out += "\"\"";
        print_reference(segment, word.quoted, out);
    }
    if (word.quoted) out += '"';
}

void print_token(const Token& token, std::string& out) {
    switch (token.kind) {
        case Token::Kind::kWord: return print_word(token.word, out);
        case Token::Kind::kOption:
            out += token.option.name + "=";
            return print_word(token.option.value, out);
        case Token::Kind::kArrow: out += "->";
    }
}

bool same_word(const Word& a, const Word& b) {
    const auto same_segment = [](const Segment& x, const Segment& y) {
        return x.kind == y.kind && x.text == y.text && x.has_fallback == y.has_fallback &&
               x.fallback == y.fallback;
    };
    return a.quoted == b.quoted && std::equal(a.segments.begin(), a.segments.end(),
                                              b.segments.begin(), b.segments.end(), same_segment);
}

bool same_token(const Token& a, const Token& b) {
    return a.kind == b.kind && same_word(a.word, b.word) && same_word(a.as_word, b.as_word) &&
           a.option.name == b.option.name && same_word(a.option.value, b.option.value);
}

}  // namespace

std::string print_lines(const std::vector<config::Line>& lines) {
    // The comments keep a mark in front of the first keyword from being a byte-order mark, and a
    // backslash at the end of a word from continuing the line.
    std::string out = "#\n";
    for (const config::Line& line : lines) {
        print_literal(line.keyword, false, out);
        for (const Token& token : line.tokens) {
            out += ' ';
            print_token(token, out);
        }
        out += " #\n";
    }
    return out;
}

bool same_lines(const std::vector<config::Line>& a, const std::vector<config::Line>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.keyword == y.keyword && std::equal(x.tokens.begin(), x.tokens.end(),
                                                    y.tokens.begin(), y.tokens.end(), same_token);
    });
}

}  // namespace prologue::fuzz
