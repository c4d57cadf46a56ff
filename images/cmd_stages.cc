// SPDX-License-Identifier: MIT
// prologue stages: every stage and its options, from the one table that the parser reads too.
#include <algorithm>

#include "config/diagnostic.h"
#include "images/command.h"
#include "images/host.h"
#include "init/plan.h"
#include "stages/stage.h"

namespace prologue::images {
namespace {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& letter : out)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    return out;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

// How a word or option stands in a line.
std::string form_of(const OptionSpec& option) {
    switch (option.need) {
        case Need::kPositional: return upper(option.name);
        case Need::kOptionalPositional: return "[" + upper(option.name) + "]";
        case Need::kRest: return upper(option.name) + "…";
        case Need::kOption: return option.name.str() + "=";
    }
    return {};
}

// "mount WHAT [DIR]", "decrypt DEVICE -> name".
std::string synopsis(const StageType& stage) {
    std::string text = stage.keyword.str();
    // In a verbatim line the options stand in front.
    const bool has_options =
        std::any_of(stage.options.begin(), stage.options.end(),
                    [](const OptionSpec& option) { return option.need == Need::kOption; });
    if (stage.verbatim && has_options) text += " [option=value…]";
    for (const OptionSpec& option : stage.options)
        if (option.need != Need::kOption) text += " " + form_of(option);
    if (stage.yields) text += " -> name";
    if (!stage.verbatim && has_options) text += " [option=value…]";
    return text;
}

std::string rows(std::span<const OptionSpec> options) {
    std::string text;
    for (const OptionSpec& option : options) {
        // The ellipsis is three bytes and one column.
        const std::size_t width = option.need == Need::kRest ? 18 : 16;
        text += "    " + padded(form_of(option), width) + option.help.str();
        if (!option.fallback.empty()) text += " (default: " + option.fallback.str() + ")";
        text += "\n";
    }
    return text;
}

std::string details(const StageType& stage) {
    std::string text = synopsis(stage) + "\n    " + stage.summary.str();
    if (stage.ending != Ending::kNone) text += "; ends the file";
    return text + "\n" + rows(stage.options);
}

std::string common_details() {
    return "every stage\n" + rows(common_options());
}

int print(std::string_view text) {
    const Result<> written = write_output("-", text, 0);
    return written ? kExitClean : report(written.error());
}

int run(const CommandLineWords& line) {
    if (line.words.empty()) {
        std::string text;
        for (const StageType* stage : stage_table()) text += details(*stage) + "\n";
        return print(text.append(common_details()));
    }
    const std::string& keyword = line.words.front();
    if (const StageType* stage = find_stage(keyword); stage != nullptr)
        return print(details(*stage) + "\n" + common_details());
    if (is_reserved_keyword(keyword))
        return report(
            Error::not_found("find stage", keyword, "it is not in this build")
                .with_hint("the keyword is reserved; 'prologue stages' lists what there is"));
    std::vector<std::string_view> keywords;
    for (const StageType* stage : stage_table()) keywords.push_back(stage->keyword);
    Error error = Error::not_found("find stage", keyword, "there is no such stage");
    error->hint = config::did_you_mean_hint(keyword, keywords);
    return report(error);
}

}  // namespace

constinit const Command kStages = {
    "stages", "[KEYWORD]", "explain every stage and its options", {}, 0, 1, run};

}  // namespace prologue::images
