// SPDX-License-Identifier: MIT
// A typed line as words, read as a line of the config is: quotes, comments, `${…}`.
#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/values.h"
#include "init/rescue/commands.h"

namespace prologue::rescue {

struct TypedWords {
    Words words;             // empty: an empty line, or a mistake
    config::Span keyword;    // of words[0]
    std::string complaints;  // what is wrong with it, as it is shown; empty when nothing is
};
// `line` must outlive the result.
TypedWords read_words(const config::Source& line, const config::Values& values);

// The diagnostic for a first word that is neither a command nor a stage.
std::string unknown_command(const TypedWords& typed);
// The one for too many or too few words.
std::string wrong_usage(const Command& command, const TypedWords& typed);

}  // namespace prologue::rescue
