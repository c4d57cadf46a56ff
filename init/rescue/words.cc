// SPDX-License-Identifier: MIT
#include "init/rescue/words.h"

#include "config/line.h"
#include "init/base/compose.h"
#include "init/rescue/typed_line.h"

namespace prologue::rescue {
namespace {

std::string complaint(const config::Span& span, std::string message, std::string hint) {
    return config::render({config::Severity::kError, span, std::move(message), std::move(hint)});
}

const config::Word& word_of(const config::Token& token) {
    return token.kind == config::Token::Kind::kWord ? token.word : token.as_word;
}

}  // namespace

TypedWords read_words(const config::Source& line, const config::Values& values) {
    TypedWords typed;
    config::Diagnostics diagnostics;
    const std::vector<config::Line> lines = config::parse_lines(line, diagnostics);
    typed.complaints = render_all(diagnostics);
    if (!typed.complaints.empty() || lines.empty()) return typed;
    typed.keyword = lines[0].keyword_span;
    typed.words.push_back(lines[0].keyword);
    for (const config::Token& token : lines[0].tokens) {
        Result<std::string> text = config::expand(word_of(token), values);
        if (!text) {
            typed.complaints = complaint(token.span, describe(text.error()), text.error()->hint);
            typed.words.clear();
            return typed;
        }
        typed.words.push_back(std::move(*text));
    }
    return typed;
}

std::string unknown_command(const TypedWords& typed) {
    const std::string& name = typed.words[0];
    std::string hint = config::did_you_mean_hint(name, all_names());
    if (hint.empty()) hint = "'help' lists the commands";
    return complaint(typed.keyword, "unknown command " + config::quoted(name), std::move(hint));
}

std::string wrong_usage(const Command& command, const TypedWords& typed) {
    const std::string name = compose("'{}'", command.name.str());
    if (command.words.empty()) return complaint(typed.keyword, name + " takes no words", "");
    return complaint(typed.keyword, compose("{} takes {}", name, command.words.str()), "");
}

}  // namespace prologue::rescue
