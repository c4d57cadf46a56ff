// SPDX-License-Identifier: MIT
// The tables of the shell completions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "images/options.h"

namespace prologue::tests {

// What stands behind an option or in the place of a word: "files", "directories", "kernels",
// "nothing", or "words A B C". nullopt for a kind of value that is not known here yet.
std::optional<std::string> source_of_option(const images::OptionRow& row);
std::optional<std::string> source_of_words(std::string_view words);

std::string bash_tables();
std::string zsh_tables();

}  // namespace prologue::tests
