// SPDX-License-Identifier: MIT
// What `${name}` can stand for, and the expansion itself. One expansion is one word: never split,
// never evaluated, never an option; a value that contains "${" stays as it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/cmdline.h"
#include "config/line.h"
#include "init/base/error.h"

namespace prologue::config {

struct NamedValue {
    std::string name, value;
};

class Values {
  public:
    CommandLine command_line;       // ${cmdline.WORD}; a bare word's value is "1"
    CommandLine built_in_words;     // those of it that a stage may obey unasked (init=, ro, rw)
    std::vector<NamedValue> board;  // ${board.KEY}
    std::vector<NamedValue> facts;  // ${name}: the path of a yielded device

    // Unset gives nullopt.
    [[nodiscard]] std::optional<std::string> lookup(std::string_view name) const;
    void set_fact(std::string_view name, std::string value);
};

// The text of a word. An unset value without fallback is kNotFound; op "expand", object "${…}".
Result<std::string> expand(const Word& word, const Values& values);

}  // namespace prologue::config
