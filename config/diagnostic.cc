// SPDX-License-Identifier: MIT
#include "config/diagnostic.h"

#include <algorithm>

#include "config/utf8.h"
#include "init/base/compose.h"

namespace prologue::config {
namespace {

// A file of 64 KiB can hold tens of thousands of mistakes; nobody reads more than these, and PID 1
// has little memory.
constexpr std::size_t kMaxDiagnostics = 100;
// Characters of a source line that are shown, and how many of them stand before a late caret.
constexpr std::size_t kShownCharacters = 160, kBeforeCaret = 60;
constexpr std::size_t kQuotedBytes = 60;

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::kError: return "error";
        case Severity::kWarning: return "warning";
        case Severity::kNote: break;
    }
    return "note";
}

// The physical line that holds `offset`, without its line end.
std::string_view line_at(std::string_view text, std::size_t offset, std::size_t& start) {
    offset = std::min(offset, text.size());
    start = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    start = start == std::string_view::npos ? 0 : start + 1;
    std::string_view line = text.substr(start, text.find('\n', start) - start);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

void append_shown(std::string& shown, std::string_view text, std::size_t at, Character character) {
    const bool hidden = is_control(character.code_point) || character.code_point == 0xFEFF;
    if (!character.valid || (hidden && text[at] != '\t')) {
        shown += '?';
    } else {
        shown += text.substr(at, character.length);
    }
}

// The characters of a message must not steer the terminal that shows it either.
std::string sanitised(std::string_view text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        append_shown(shown, text, at, character);
        at += character.length;
    }
    return shown;
}

// The two lines of an excerpt while they grow, a character at a time.
struct Excerpt {
    std::string shown, carets;

    void add(std::string_view line, std::size_t at, Character character, std::size_t first,
             std::size_t last) {
        append_shown(shown, line, at, character);
        if (at >= first && at < last) {
            carets += at == first ? '^' : '~';
        } else if (at < first) {
            carets += line[at] == '\t' ? '\t' : ' ';
        }
    }
};

}  // namespace

void Diagnostics::error(const Span& span, Text message, Text hint) {
    add(Severity::kError, span, message, hint);
}

void Diagnostics::warning(const Span& span, Text message, Text hint) {
    add(Severity::kWarning, span, message, hint);
}

void Diagnostics::note(const Span& span, Text message, Text hint) {
    add(Severity::kNote, span, message, hint);
}

void Diagnostics::add(Severity severity, const Span& span, Text message, Text hint) {
    if (severity == Severity::kError) ++errors_;
    if (all_.size() < kMaxDiagnostics) {
        all_.push_back({severity, span, message.str(), hint.str()});
    } else if (all_.size() == kMaxDiagnostics) {
        all_.push_back({Severity::kError, {}, "too many mistakes; the others are not shown", {}});
        ++errors_;
    }
}

std::vector<Diagnostic> Diagnostics::sorted() const {
    std::vector<Diagnostic> result;
    result.reserve(all_.size());
    // Sources in the order of their first diagnostic, places in the order of the text. An insertion
    // is enough: the list is short, and it keeps equal places in the order of reporting.
    std::vector<const Source*> sources;
    const auto rank = [&sources](const Source* source) {
        // A diagnostic without a place comes last: it speaks of all others.
        if (source == nullptr) return sources.size();
        return static_cast<std::size_t>(std::find(sources.begin(), sources.end(), source) -
                                        sources.begin());
    };
    for (const Diagnostic& one : all_) {
        if (one.span.source != nullptr && rank(one.span.source) == sources.size()) {
            sources.push_back(one.span.source);
        }
    }
    for (const Diagnostic& one : all_) {
        std::size_t at = result.size();
        while (at > 0) {
            const Span& before = result[at - 1].span;
            const std::size_t a = rank(before.source), b = rank(one.span.source);
            if (a < b || (a == b && before.offset <= one.span.offset)) break;
            --at;
        }
        result.insert(result.begin() + static_cast<std::ptrdiff_t>(at), one);
    }
    return result;
}

std::string render_excerpt(const Span& span) {
    if (span.source == nullptr) return {};
    std::size_t start = 0;
    const std::string_view line = line_at(span.source->text, span.offset, start);
    const std::size_t first =
        std::min<std::size_t>(span.offset - std::min<std::size_t>(span.offset, start), line.size());
    const std::size_t last = first + std::max<std::size_t>(span.length, 1);
    const Position position = position_of(span);
    const std::size_t skip =
        position.column > kShownCharacters - kBeforeCaret ? position.column - kBeforeCaret : 0;
    Excerpt excerpt;
    if (skip > 0) excerpt = {"...", "   "};
    std::size_t at = 0;
    for (std::size_t count = 0; at < line.size() && count < skip + kShownCharacters; ++count) {
        const Character character = character_at(line, at);
        if (count >= skip) excerpt.add(line, at, character, first, last);
        at += character.length;
    }
    if (at < line.size()) excerpt.shown += "...";
    if (first >= line.size()) excerpt.carets += '^';  // a place behind the last character
    std::string number = std::to_string(position.line);
    if (number.size() < 5) number.insert(0, 5 - number.size(), ' ');
    return compose("{} | {}\n{} | {}\n", number, excerpt.shown, std::string(number.size(), ' '),
                   excerpt.carets);
}

std::string render(const Diagnostic& diagnostic) {
    std::string text;
    if (diagnostic.span.source != nullptr) {
        const Position position = position_of(diagnostic.span);
        text = compose("{}:{}:{}: ", sanitised(diagnostic.span.source->name),
                       std::to_string(position.line), std::to_string(position.column));
    }
    text += name_of(diagnostic.severity);
    text += compose(": {}\n{}", sanitised(diagnostic.message), render_excerpt(diagnostic.span));
    if (!diagnostic.hint.empty()) text += compose("  hint: {}\n", sanitised(diagnostic.hint));
    return text;
}

std::string quoted(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && end < kQuotedBytes) end += character_at(text, end).length;
    std::string result = "'" + std::string(text.substr(0, end));
    return result + (end < text.size() ? "...'" : "'");
}

}  // namespace prologue::config
