// SPDX-License-Identifier: MIT
#include "images/options.h"

#include <algorithm>

#include "config/diagnostic.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

struct Split {
    const OptionRow* row = nullptr;
    std::string_view name;  // as it was written
    std::string_view value;
    bool has_value = false;  // in the same word
};

Split split_option(std::span<const OptionRow> rows, std::string_view word) {
    Split split;
    split.name = word;
    if (word.starts_with("--")) {
        const std::size_t equals = word.find('=');
        split.name = word.substr(0, equals);
        split.has_value = equals != std::string_view::npos;
        if (split.has_value) split.value = word.substr(equals + 1);
    } else if (word.size() > 2) {
        split.name = word.substr(0, 2);
        split.value = word.substr(2);
        split.has_value = true;
    }
    for (const OptionRow& row : rows)
        if (row.name.view() == split.name ||
            (!row.letter.empty() && row.letter.view() == split.name))
            split.row = &row;
    return split;
}

Unexpected unknown_option(std::span<const OptionRow> rows, std::string_view name) {
    std::vector<std::string_view> names;
    for (const OptionRow& row : rows) names.push_back(row.name);
    Error error = Error::config("unknown option '" + std::string(name) + "'");
    error->hint = config::did_you_mean_hint(name, names);
    return fail(std::move(error));
}

Result<> check_choice(const OptionRow& row, std::string_view value) {
    std::string list;
    std::string_view rest = row.choices;
    while (!rest.empty()) {
        const std::string_view choice = take_part(rest, ' ');
        if (choice == value) return {};
        if (!list.empty()) list += rest.empty() ? " or " : ", ";
        list += choice;
    }
    if (list.empty()) return {};
    return fail(
        Error::config("unknown value '" + std::string(value) + "' of '" + row.name.str() + "'")
            .with_hint(std::move(list)));
}

Unexpected no_value(std::string_view option, const OptionRow& row) {
    return fail(Error::config("option '" + std::string(option) + "' wants a " + row.value.str()));
}

// Of "KEY CERT" all behind the first: arguments of their own, behind number `i`.
Result<> take_more_values(const OptionRow& row, std::span<char* const> arguments, std::size_t& i,
                          CommandLineWords& parsed) {
    const std::string_view forms = row.value;
    for (auto more = std::count(forms.begin(), forms.end(), ' '); more > 0; --more) {
        if (++i == arguments.size()) return no_value(row.name, row);
        parsed.options.emplace_back(row.name, arguments[i]);
    }
    return {};
}

}  // namespace

bool CommandLineWords::has(std::string_view name) const {
    return std::any_of(options.begin(), options.end(),
                       [name](const auto& option) { return option.first == name; });
}

std::string CommandLineWords::value(std::string_view name, std::string fallback) const {
    for (const auto& [option, text] : options)
        if (option == name) fallback = text;
    return fallback;
}

std::vector<std::string> CommandLineWords::values(std::string_view name) const {
    std::vector<std::string> all;
    for (const auto& [option, text] : options)
        if (option == name) all.push_back(text);
    return all;
}

Result<CommandLineWords> parse_command_line(std::span<const OptionRow> rows,
                                            std::span<char* const> arguments, BehindDashes behind) {
    CommandLineWords parsed;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (word == "--") {
            std::vector<std::string>& words =
                behind == BehindDashes::kWords ? parsed.words : parsed.rest;
            for (++i; i < arguments.size(); ++i) words.emplace_back(arguments[i]);
            break;
        }
        if (!word.starts_with('-') || word == "-") {
            parsed.words.emplace_back(word);
            continue;
        }
        if (word == "--help" || word == "-h") {
            parsed.help = true;
            continue;
        }
        Split split = split_option(rows, word);
        if (split.row == nullptr) return unknown_option(rows, split.name);
        const bool takes_value = !split.row->value.empty();
        if (takes_value && !split.has_value) {
            if (++i == arguments.size()) return no_value(split.name, *split.row);
            split.value = arguments[i];
        } else if (!takes_value && split.has_value) {
            return fail(Error::config("option '" + std::string(split.name) + "' takes no value"));
        }
        TRY_VOID(check_choice(*split.row, split.value));
        parsed.options.emplace_back(split.row->name, split.value);
        TRY_VOID(take_more_values(*split.row, arguments, i, parsed));
    }
    return parsed;
}

}  // namespace prologue::images
