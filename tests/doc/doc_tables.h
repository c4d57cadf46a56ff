// SPDX-License-Identifier: MIT
// The parts of the manual pages and of the completions that are made from the program's own tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prologue::tests {

// The text of one region, whole lines; nullopt when nothing is called that.
//   "synopsis", "command NAME"           mdoc: the host tool, from its command table
//   "stage KEYWORD", "common", "boards"  mdoc: the config language, from the stages and the boards
//   "prelude"                            mdoc: the lines of config/prelude.conf
//   "bash", "zsh"                        shell: commands, options and the kinds of their values
std::optional<std::string> make_region(std::string_view name);

// `text` with its regions made anew. A region stands between two comment lines,
//   .\" generated: NAME     and     .\" end generated      (in a page)
//   # generated: NAME       and     # end generated        (in a script).
// What is wrong with the regions themselves is appended to `problems`, a line each.
std::string with_fresh_regions(std::string_view text, std::string& problems);

}  // namespace prologue::tests
