// SPDX-License-Identifier: MIT
// Command lines of the host tool: one table a command, from which both the parser and the help
// read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/base/error.h"
#include "init/base/literal.h"

namespace prologue::images {

struct OptionRow {
    Literal name;    // "--modules"
    Literal letter;  // "-k"; empty = none
    Literal value;   // "DIR"; empty = a flag; "KEY CERT" = two arguments
    Literal help;
    Literal choices = "";  // "gzip zstd": the only values that it takes; empty = any
};

// What stands behind "--": words that are no options, or what the command hands on as it is.
enum class BehindDashes : std::uint8_t { kWords, kVerbatim };

struct CommandLineWords {
    // By long name; one with two arguments stands here twice.
    std::vector<std::pair<std::string_view, std::string>> options;
    std::vector<std::string> words;
    std::vector<std::string> rest;  // behind "--", of kVerbatim
    bool help = false;

    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] std::string value(std::string_view name, std::string fallback = {}) const;
    [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
};

// "--name VALUE", "--name=VALUE", "-k VALUE", "-kVALUE". A value is one of its row's choices, where
// the row has any. The detail of an error is for people.
Result<CommandLineWords> parse_command_line(std::span<const OptionRow> rows,
                                            std::span<char* const> arguments,
                                            BehindDashes behind = BehindDashes::kWords);

}  // namespace prologue::images
