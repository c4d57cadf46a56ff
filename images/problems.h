// SPDX-License-Identifier: MIT
// What is wrong with an image or its inputs. All of it is collected before anything is written, and
// shown in the order in which it was found; mistakes of a config keep the config's own form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "init/base/error.h"

namespace prologue::images {

struct Problem {
    config::Severity severity = config::Severity::kError;
    std::string message;    // one line, or a rendered diagnostic of a config
    std::string hint;       // one thing to try; may be empty
    bool rendered = false;  // `message` is the full text already
};

class Problems {
  public:
    void error(std::string message, std::string hint = {});
    void warning(std::string message, std::string hint = {});
    void note(std::string message, std::string hint = {});
    void error(const Error& error);
    void add(const config::Diagnostics& diagnostics);

    [[nodiscard]] bool has_errors() const { return has(config::Severity::kError); }
    [[nodiscard]] bool has_warnings() const { return has(config::Severity::kWarning); }
    [[nodiscard]] bool empty() const { return all_.empty(); }
    [[nodiscard]] const std::vector<Problem>& all() const { return all_; }
    // "prologue: error: …" with "  hint: …" below it, a problem a line.
    [[nodiscard]] std::string text() const;
    // Writes text() to standard error.
    void print() const;

  private:
    [[nodiscard]] bool has(config::Severity severity) const;

    std::vector<Problem> all_;
};

// A text for the terminal: what would steer it is shown as '?'.
std::string printable(std::string_view text);

// "a, b, c and 4 more".
std::string some_of(const std::vector<std::string>& names);

}  // namespace prologue::images
