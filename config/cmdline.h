// SPDX-License-Identifier: MIT
// The kernel command line, split with the kernel's own quoting (lib/cmdline.c, next_arg()): a double
// quote anywhere in a word groups; it is stripped only around the whole word or around the value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/literal.h"

namespace prologue::config {

struct Parameter {
    std::string name;
    std::optional<std::string> value;  // unset for a bare word
    std::uint32_t offset = 0;          // of the word in text(), quotes included
    std::uint32_t length = 0;
};

class CommandLine {
  public:
    CommandLine() = default;
    // Accepts any bytes; a trailing newline is dropped. Words after a bare "--" belong to init and
    // are not parameters.
    static CommandLine parse(std::string_view text);

    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
    // What was parsed, for diagnostics to point into; the whole of it for a restricted copy too.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<std::string>& init_arguments() const { return init_arguments_; }
    // The last parameter of that name, as the kernel's scalar parameters behave; null when absent.
    // Names compare exactly.
    [[nodiscard]] const Parameter* last(Text name) const;
    [[nodiscard]] std::vector<std::string> all(Text name) const;
    // A bare word and "=1" are the same boolean.
    [[nodiscard]] bool flag(Text name) const;
    // A copy with only the parameters whose name is in `allowed` (a locked image).
    [[nodiscard]] CommandLine restricted_to(const std::vector<std::string>& allowed) const;
    // True for such a copy: what the kernel shows in /proc/cmdline must not be read beside it.
    [[nodiscard]] bool is_restricted() const { return restricted_; }

  private:
    std::string text_;
    std::vector<Parameter> parameters_;
    std::vector<std::string> init_arguments_;
    bool restricted_ = false;
};

}  // namespace prologue::config
