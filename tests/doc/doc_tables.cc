// SPDX-License-Identifier: MIT
#include "tests/doc/doc_tables.h"

#include <algorithm>

#include "board/board.h"
#include "board/drivers.h"
#include "config/embedded.h"
#include "images/command.h"
#include "init/base/split.h"
#include "init/rescue/commands.h"
#include "stages/stage.h"
#include "tests/doc/completion_tables.h"
#include "tests/doc/mdoc.h"

namespace prologue::tests {
namespace {

using images::Command;
using images::OptionRow;

std::string command_form(const Command& command) {
    std::string form = "Cm " + command.name.str();
    if (!command.options.empty()) form += " Oo Ar option ... Oc";
    if (!command.words.empty()) form += " " + mdoc_form(command.words);
    return form;
}

std::string synopsis() {
    std::string text;
    for (const Command* command : images::command_table())
        text += ".Nm\n." + command_form(*command) + "\n";
    return text;
}

std::string option_item(const OptionRow& row) {
    const std::string value = row.value.empty() ? "" : " Ar " + mdoc_word(row.value);
    std::string item = ".It ";
    if (!row.letter.empty()) item += "Fl " + mdoc_word(row.letter.view().substr(1)) + value + " , ";
    return item + "Fl " + mdoc_word(row.name.view().substr(1)) + value + "\n" +
           mdoc_text(row.help.str() + ".");
}

std::string sentence(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = upper(text.substr(0, 1))[0];
    return mdoc_text(text + ".");
}

std::string list_of(const std::string& items) {
    return items.empty() ? "" : ".Bl -tag -width Ds\n" + items + ".El\n";
}

// The earlier command that has the same options, as `verify` those of `check`; null when none has.
const Command* same_options(const Command& command) {
    for (const Command* other : images::command_table()) {
        if (other == &command) return nullptr;
        if (!command.options.empty() && other->options.data() == command.options.data())
            return other;
    }
    return nullptr;
}

std::string command_region(const Command& command) {
    std::string items;
    const Command* twin = same_options(command);
    for (const OptionRow& row : command.options)
        if (twin == nullptr) items += option_item(row);
    return ".D1 Nm prologue " + command_form(command) + "\n.Pp\n" +
           sentence(command.summary.str()) +
           (twin != nullptr ? "Its options are those of\n.Cm " + twin->name.str() + " .\n"
                            : list_of(items));
}

std::string word_form(const OptionSpec& option) {
    const std::string word = "Ar " + mdoc_word(upper(option.name));
    switch (option.need) {
        case Need::kPositional: return word;
        case Need::kOptionalPositional: return "Oo " + word + " Oc";
        case Need::kRest: return word + " ...";
        case Need::kOption: break;
    }
    return "Cm " + mdoc_word(option.name.str() + "=") + " Ns Ar value";
}

std::string spec_item(const OptionSpec& option) {
    std::string help = option.help.str();
    if (!option.fallback.empty()) help += " (default: " + option.fallback.str() + ")";
    return ".It " + word_form(option) + "\n" + mdoc_text(help + ".");
}

std::string stage_form(const StageType& stage) {
    // As in `prologue stages`: in a verbatim line the options stand in front.
    std::string options;
    std::string words;
    for (const OptionSpec& option : stage.options) {
        std::string& part = option.need == Need::kOption ? options : words;
        if (option.need == Need::kOption) {
            part += " Oo " + word_form(option) + " Oc";
        } else {
            part += " " + word_form(option);
        }
    }
    if (stage.yields) words += " Cm -> Ar name";
    return "Cm " + stage.keyword.str() + (stage.verbatim ? options + words : words + options);
}

std::string stage_region(const StageType& stage) {
    std::string items;
    for (const OptionSpec& option : stage.options) items += spec_item(option);
    std::string summary = stage.summary.str();
    if (stage.ending != Ending::kNone) summary += "; ends the file";
    return ".D1 " + stage_form(stage) + "\n.Pp\n" + sentence(summary) + list_of(items);
}

std::string common_region() {
    std::string items;
    for (const OptionSpec& option : common_options()) items += spec_item(option);
    return list_of(items);
}

std::string bundle_lines(const DriverBundle& bundle) {
    std::string text = bundle.name.str();
    if (bundle.use == DriverUse::kWatchdog) text += ", where the config says 'set watchdog'";
    text += ":";
    for (const Literal module : bundle.modules) text += " " + module.str() + ",";
    text.back() = '.';
    return mdoc_text(text);
}

std::string boards_region() {
    std::string items;
    for (const Board* board : board_table()) {
        items += ".It Cm " + mdoc_word(board->name) + "\n" + mdoc_text(board->summary.str() + ".");
        for (const BoardDrivers* drivers : driver_table()) {
            if (drivers->board != board->name) continue;
            for (const DriverBundle* bundle : drivers->bundles) items += bundle_lines(*bundle);
        }
    }
    return list_of(items);
}

// A config that is compiled in, without its comments.
std::string config_region(std::string_view rest) {
    std::string text = ".Bd -literal -offset indent\n";
    while (!rest.empty()) {
        const std::string_view line = take_part(rest, '\n');
        if (!line.starts_with('#')) text += mdoc_literal(line);
    }
    return text + ".Ed\n";
}

std::string shell_commands_region() {
    std::string items;
    for (const rescue::Command& command : rescue::command_table()) {
        items += ".It Cm " + mdoc_word(command.name);
        if (!command.words.empty()) items += " " + mdoc_form(command.words);
        items += "\n" + mdoc_text(command.summary.str() + ".");
    }
    return list_of(items);
}

// The name of the region that a line opens; empty for any other line.
std::string_view opened_region(std::string_view line) {
    for (const std::string_view mark : {".\\\" generated: ", "# generated: "})
        if (line.starts_with(mark)) return line.substr(mark.size());
    return {};
}

bool closes_region(std::string_view line) {
    return line == ".\\\" end generated" || line == "# end generated";
}

}  // namespace

std::optional<std::string> make_region(std::string_view name) {
    if (name == "synopsis") return synopsis();
    if (name == "common") return common_region();
    if (name == "boards") return boards_region();
    if (name == "prelude") return config_region(config::kPreludeConf);
    if (name == "default") return config_region(config::kDefaultConf);
    if (name == "fallback") return config_region(config::kFallbackConf);
    if (name == "shell commands") return shell_commands_region();
    if (name == "bash") return bash_tables();
    if (name == "zsh") return zsh_tables();
    constexpr std::string_view kCommand = "command ";
    constexpr std::string_view kStage = "stage ";
    if (name.starts_with(kCommand)) {
        for (const Command* command : images::command_table())
            if (command->name == name.substr(kCommand.size())) return command_region(*command);
    }
    if (name.starts_with(kStage)) {
        const StageType* stage = find_stage(name.substr(kStage.size()));
        if (stage != nullptr) return stage_region(*stage);
    }
    return std::nullopt;
}

std::string with_fresh_regions(std::string_view text, std::string& problems) {
    std::string fresh;
    std::string open;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (!open.empty() && !closes_region(line)) continue;  // replaced by what is made anew
        open = opened_region(line);
        fresh.append(line).append("\n");
        if (open.empty()) continue;
        const std::optional<std::string> region = make_region(open);
        if (!region) problems += "there is no region '" + open + "'\n";
        fresh += region.value_or("");
    }
    if (!open.empty()) problems += "region '" + open + "' does not end\n";
    return fresh;
}

}  // namespace prologue::tests
