// SPDX-License-Identifier: MIT
#include "tests/doc/completion_tables.h"

#include "board/board.h"
#include "images/command.h"
#include "init/base/split.h"
#include "stages/stage.h"

namespace prologue::tests {
namespace {

using images::Command;
using images::OptionRow;

std::string board_names() {
    std::string names;
    for (const Board* board : board_table()) names += " " + board->name.str();
    return names;
}

std::string stage_keywords() {
    std::string names;
    for (const StageType* stage : stage_table()) names += " " + stage->keyword.str();
    return names;
}

// For single quotes of a shell.
std::string quoted(std::string_view text) {
    std::string out;
    for (const char letter : text)
        out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out;
}

std::string command_names() {
    std::string names;
    for (const Command* command : images::command_table())
        names += (names.empty() ? "" : " ") + command->name.str();
    return names;
}

std::string bash_options(const Command& command) {
    std::string names;
    for (const OptionRow& row : command.options) {
        names += " " + row.name.str();
        if (!row.letter.empty()) names += " " + row.letter.str();
    }
    return names;
}

std::string zsh_action(const std::string& source) {
    if (source == "files") return "_files";
    if (source == "directories") return "_files -/";
    if (source == "kernels") return "_prologue_kernels";
    if (source == "kernels-or-files") return "_prologue_kernels_or_files";
    if (source.starts_with("words ")) return "(" + source.substr(6) + ")";
    return " ";
}

// A spec of _arguments: '(-k --kernel)'{-k+,--kernel=}'[help]:VERSION:action'. One that may stand
// several times begins with '*'.
std::string zsh_option(const OptionRow& row) {
    std::string help;
    for (const char letter : row.help.view()) {
        if (letter == '[' || letter == ']') help += '\\';
        help += letter;
    }
    const bool has_value = !row.value.empty();
    const bool repeats = row.name.view() == "--add";
    const std::string name = row.name.str() + (has_value ? "=" : "");
    std::string spec = "        ";
    if (repeats) {
        spec += "'*'" + name;
    } else if (row.letter.empty()) {
        spec += name;
    } else {
        const std::string letter = row.letter.str();
        spec += "'(" + letter + " " + row.name.str() + ")'{" + letter + (has_value ? "+" : "") +
                "," + name + "}";
    }
    spec += "'[" + quoted(help) + "]";
    std::string_view forms = row.value;
    while (!forms.empty())
        spec += ":" + quoted(take_part(forms, ' ')) + ":" +
                zsh_action(source_of_option(row).value_or(""));
    return spec + "'";
}

std::string zsh_words(const Command& command) {
    const std::string action = zsh_action(source_of_words(command.words).value_or(""));
    std::string specs;
    if (command.max_words > 0)
        specs += " \\\n        '1:" + quoted(command.words) + ":" + action + "'";
    if (command.max_words > 1) specs += " \\\n        '2:path in the image: '";
    return specs;
}

}  // namespace

std::optional<std::string> source_of_option(const OptionRow& row) {
    const std::string_view value = row.value;
    if (!row.choices.empty()) return "words " + row.choices.str();
    if (value == "DIR") return "directories";
    if (value == "FILE" || value == "OUT" || value == "SRC:DEST" || value == "LIST|DIR" ||
        value == "KEY CERT")
        return "files";
    if (value == "VERSION") return "kernels";
    if (value == "VERSION|VMLINUZ") return "kernels-or-files";
    if (value == "BOARD|host") return "words" + board_names() + " host";
    if (value == "BOARD") return "words" + board_names();
    if (value.empty() || value == "WORDS" || value == "MIB" || value == "SIZE" ||
        value == "RELEASE")
        return "nothing";
    return std::nullopt;
}

std::optional<std::string> source_of_words(std::string_view words) {
    if (words == "[KEYWORD]") return "words" + stage_keywords();
    if (words == "[COMMAND]") return "words " + command_names();
    if (words == "--host") return "nothing";
    // The second file of --sign stands like a word.
    if (words.starts_with("--linux ")) return "files";
    for (const std::string_view start : {"CONF", "[CONF", "IMAGE", "[IMAGE", "FILE"})
        if (words.starts_with(start)) return "files";
    return std::nullopt;
}

std::string bash_tables() {
    std::string text = "_prologue_commands='" + command_names() + "'\n";
    text += "_prologue_options() {\n    case $1 in\n";
    for (const Command* command : images::command_table())
        text +=
            "        " + command->name.str() + ") echo '--help" + bash_options(*command) + "' ;;\n";
    text += "    esac\n}\n_prologue_source() {\n    case \"$1 $2\" in\n";
    for (const Command* command : images::command_table()) {
        const std::string name = command->name.str();
        for (const OptionRow& row : command->options) {
            if (row.value.empty()) continue;
            text += "        '" + name + " " + row.name.str() + "'";
            if (!row.letter.empty()) text += " | '" + name + " " + row.letter.str() + "'";
            text += ") echo '" + source_of_option(row).value_or("") + "' ;;\n";
        }
        text += "        '" + name + " ') echo '" + source_of_words(command->words).value_or("") +
                "' ;;\n";
    }
    return text + "        *) return 1 ;;\n    esac\n}\n";
}

std::string zsh_tables() {
    std::string text = "_prologue_commands=(\n";
    for (const Command* command : images::command_table())
        text += "    '" + command->name.str() + ":" + quoted(command->summary) + "'\n";
    text += ")\n";
    for (const Command* command : images::command_table()) {
        text += "_prologue_" + command->name.str() + "() {\n    _arguments -s -S";
        text += " \\\n        '(-h --help)'{-h,--help}'[explain the command]'";
        for (const OptionRow& row : command->options) text += " \\\n" + zsh_option(row);
        text += zsh_words(*command) + "\n}\n";
    }
    return text;
}

}  // namespace prologue::tests
