// SPDX-License-Identifier: MIT
#include "config/source.h"

#include <algorithm>
#include <string_view>

#include "config/utf8.h"

namespace prologue::config {

Position position_of(const Span& span) {
    Position position;
    if (span.source == nullptr) return position;
    const std::string_view text = span.source->text;
    const std::size_t end = std::min<std::size_t>(span.offset, text.size());
    std::size_t start = 0;
    for (std::size_t i = 0; i < end; ++i) {
        if (text[i] != '\n') continue;
        ++position.line;
        start = i + 1;
    }
    while (start < end) {
        start += character_at(text, start).length;
        ++position.column;
    }
    return position;
}

}  // namespace prologue::config
