// SPDX-License-Identifier: MIT
#include "config/values.h"

#include "init/base/literal.h"

namespace prologue::config {
namespace {

constexpr std::string_view kCommandLinePrefix = "cmdline.", kBoardPrefix = "board.";

std::optional<std::string> find_in(const std::vector<NamedValue>& list, std::string_view name) {
    for (const NamedValue& one : list) {
        if (one.name == name) return one.value;
    }
    return std::nullopt;
}

Error unset(const Segment& segment) {
    Error error = Error::not_found("expand", "${" + segment.text + "}", "the value is not set");
    if (segment.text.starts_with(kCommandLinePrefix)) {
        const std::string word = segment.text.substr(kCommandLinePrefix.size());
        error->hint = "add '" + word + "=...' to the kernel command line, or write '${" +
                      segment.text + ":-default}'";
    }
    return error;
}

}  // namespace

std::optional<std::string> Values::lookup(std::string_view name) const {
    if (name.starts_with(kCommandLinePrefix)) {
        const Parameter* parameter = command_line.last(name.substr(kCommandLinePrefix.size()));
        if (parameter == nullptr) return std::nullopt;
        return parameter->value.value_or("1");
    }
    if (name.starts_with(kBoardPrefix)) return find_in(board, name.substr(kBoardPrefix.size()));
    return find_in(facts, name);
}

void Values::set_fact(std::string_view name, std::string value) {
    for (NamedValue& fact : facts) {
        if (fact.name != name) continue;
        fact.value = std::move(value);
        return;
    }
    facts.push_back({std::string(name), std::move(value)});
}

Result<std::string> expand(const Word& word, const Values& values) {
    std::string text;
    for (const Segment& segment : word.segments) {
        if (segment.kind == Segment::Kind::kLiteral) {
            text += segment.text;
            continue;
        }
        std::optional<std::string> value = values.lookup(segment.text);
        if (segment.has_fallback && (!value || value->empty())) value = segment.fallback;
        if (!value) return fail(unset(segment));
        text += *value;
    }
    return text;
}

}  // namespace prologue::config
