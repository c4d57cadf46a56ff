// SPDX-License-Identifier: MIT
#include <cstdio>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "images/command.h"
#include "images/problems.h"

#ifndef PROLOGUE_VERSION
#define PROLOGUE_VERSION "0.1.0"
#endif

namespace prologue::images {
namespace {

constexpr const Command* kCommands[] = {
    &kCheck, &kVerify, &kPlan,    &kStages, &kConfigCommand, &kInitramfs, &kMinroot,
    &kUki,   &kList,   &kExtract, &kCat,    &kBoot,          &kTimeline,  &kHelp,
};

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text + " ";
}

std::string overview() {
    std::string text =
        "usage: prologue COMMAND …\n\nChecks configs of the init 'prologue' and builds its "
        "images.\n\n";
    for (const Command* command : command_table())
        text += "  " + padded(command->name.str(), 10) + command->summary.str() + "\n";
    text += "  " + padded("--version", 10) + "the version of this program\n";
    return text +
           "\n'prologue COMMAND --help' says more, and prologue(1) all. Exit: 0 clean, 1 errors, "
           "2 usage.\n";
}

std::string help_of(const Command& command) {
    std::string text = "usage: prologue " + command.name.str();
    if (!command.options.empty()) text += " [OPTION…]";
    if (!command.words.empty()) text += " " + command.words.str();
    text += "\n\n" + command.summary.str() + "\n";
    if (!command.options.empty()) text += "\n";
    for (const OptionRow& row : command.options) {
        std::string left = row.letter.empty() ? "    " : row.letter.str() + ", ";
        left += row.name.str();
        if (!row.value.empty()) left += " " + row.value.str();
        text += "  " + padded(left, 26) + row.help.str() + "\n";
    }
    return text;
}

void print(std::string_view text) {
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

int run_command(const Command& command, std::span<char* const> arguments) {
    Result<CommandLineWords> line =
        parse_command_line(command.options, arguments, command.behind_dashes);
    if (!line) return usage_error(line.error()->detail, line.error()->hint);
    if (line->help) {
        print(help_of(command));
        return kExitClean;
    }
    const std::string form = "'prologue " + command.name.str() +
                             (command.words.empty() ? "" : " " + command.words.str()) + "'";
    if (line->words.size() < command.min_words)
        return usage_error("too few words", "the form is " + form);
    if (line->words.size() > command.max_words)
        return usage_error("unexpected word '" + line->words[command.max_words] + "'",
                           "the form is " + form);
    return command.run(*line);
}

const Command* find_command(std::string_view name) {
    for (const Command* command : command_table())
        if (command->name.view() == name) return command;
    return nullptr;
}

int unknown_command(std::string_view name) {
    std::vector<std::string_view> names = {"--version"};
    for (const Command* command : command_table()) names.push_back(command->name);
    const std::string hint = config::did_you_mean_hint(name, names);
    return usage_error("unknown command '" + std::string(name) + "'",
                       hint.empty() ? "'prologue --help' lists them" : hint);
}

// Alone it lists the commands, with one of them it explains that one.
int run_help(const CommandLineWords& line) {
    if (line.words.empty()) {
        print(overview());
        return kExitClean;
    }
    const Command* command = find_command(line.words.front());
    if (command == nullptr) return unknown_command(line.words.front());
    print(help_of(*command));
    return kExitClean;
}

}  // namespace

constinit const Command kHelp = {"help", "[COMMAND]", "list the commands, or explain one", {}, 0,
                                 1,      run_help};

std::span<const Command* const> command_table() {
    return kCommands;
}

int report(const Error& error) {
    Problems problems;
    problems.error(error);
    problems.print();
    return error->kind == ErrorKind::kConfig && error->op.empty() ? kExitUsage : kExitErrors;
}

int usage_error(std::string_view message, std::string_view hint) {
    Problems problems;
    problems.error(std::string(message), std::string(hint));
    problems.print();
    return kExitUsage;
}

int run_tool(std::span<char* const> arguments) {
    if (arguments.empty()) {
        const std::string text = overview();
        (void)std::fwrite(text.data(), 1, text.size(), stderr);
        return kExitUsage;
    }
    const std::string_view name = arguments.front();
    if (name == "--help" || name == "-h") return run_help({});
    if (name == "--version") {
        print("prologue " PROLOGUE_VERSION "\n");
        return kExitClean;
    }
    const Command* command = find_command(name);
    return command != nullptr ? run_command(*command, arguments.subspan(1)) : unknown_command(name);
}

}  // namespace prologue::images
