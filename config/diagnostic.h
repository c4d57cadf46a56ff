// SPDX-License-Identifier: MIT
// Diagnostics: the one form in which the host tool, the guest's consoles and the tests say what is
// wrong with a config text. All mistakes of a file are collected before any is shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/source.h"
#include "init/base/literal.h"

namespace prologue::config {

enum class Severity : std::uint8_t { kError, kWarning, kNote };

struct Diagnostic {
    Severity severity = Severity::kError;
    Span span;
    std::string message;  // lower case, no full stop: "unknown stage 'decript'"
    std::string hint;     // one thing to try; may be empty
};

class Diagnostics {
  public:
    void error(const Span& span, Text message, Text hint = {});
    void warning(const Span& span, Text message, Text hint = {});
    void note(const Span& span, Text message, Text hint = {});

    [[nodiscard]] bool has_errors() const { return errors_ != 0; }
    [[nodiscard]] std::size_t error_count() const { return errors_; }
    // In the order of their place in the text; equal places keep the order of reporting.
    [[nodiscard]] std::vector<Diagnostic> sorted() const;
    [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }

  private:
    void add(Severity severity, const Span& span, Text message, Text hint);

    std::vector<Diagnostic> all_;  // the first hundred; what follows is only counted
    std::size_t errors_ = 0;
};

// The full text of one diagnostic, with a newline at the end of each line:
//   boot.conf:5:1: error: unknown stage 'decript'
//       5 | decript  UUID=… -> plain
//         | ^~~~~~~
//     hint: did you mean 'decrypt'?
// Control characters of the source line are shown as '?', tabs keep the caret in its column, and
// bytes that are no UTF-8 count as one character each and are shown as '?' too. A very long line is
// shown in part.
std::string render(const Diagnostic& diagnostic);

// The source line of a span with its caret line (the two middle lines above): failure blocks use it.
std::string render_excerpt(const Span& span);

// A text of the user in single ticks for a message, cut when it is long.
std::string quoted(std::string_view text);

// The nearest of `candidates` by edit distance when it is near enough to be meant; else empty.
std::string_view did_you_mean(std::string_view word,
                              const std::vector<std::string_view>& candidates);
// "did you mean 'x'?" for the above, or empty.
std::string did_you_mean_hint(std::string_view word,
                              const std::vector<std::string_view>& candidates);

}  // namespace prologue::config
