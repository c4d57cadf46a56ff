// SPDX-License-Identifier: MIT
#include "config/line.h"

#include <algorithm>

namespace prologue::config {

bool Word::is_literal() const {
    return std::none_of(segments.begin(), segments.end(), [](const Segment& segment) {
        return segment.kind == Segment::Kind::kReference;
    });
}

std::string Word::text() const {
    std::string text;
    for (const Segment& segment : segments) {
        if (segment.kind == Segment::Kind::kLiteral) {
            text += segment.text;
            continue;
        }
        text += "${" + segment.text;
        if (segment.has_fallback) text += ":-" + segment.fallback;
        text += '}';
    }
    return text;
}

Word Word::literal(std::string text, const Span& span) {
    Word word;
    word.span = span;
    if (!text.empty()) {
        Segment segment;
        segment.text = std::move(text);
        segment.span = span;
        word.segments.push_back(std::move(segment));
    }
    return word;
}

bool same_keyword(std::string_view a, std::string_view b) {
    const auto folded = [](char c) { return c == '-' ? '_' : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return folded(x) == folded(y); });
}

}  // namespace prologue::config
