// SPDX-License-Identifier: MIT
// prologue.break=: which step it names.
#include "config/scalar.h"
#include "init/planner.h"

namespace prologue::planning {
namespace {

using Place = std::optional<std::size_t>;

std::uint64_t line_of(const Step& step) {
    return config::position_of(step.line).line;
}

// The first line with a stage from that one on.
Place at_line(std::uint64_t line, const std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!steps[i].prelude && line_of(steps[i]) >= line) return i;
    }
    return std::nullopt;
}

Place at_keyword(const StageType& type, std::uint64_t count, const std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!steps[i].prelude && steps[i].type == &type && --count == 0) return i;
    }
    return std::nullopt;
}

Place at_name(std::string_view name, const std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!name.empty() && steps[i].yields == name) return i;
    }
    return std::nullopt;
}

Place find_place(const std::string& text, const std::vector<Step>& steps) {
    const Result<std::uint64_t> line = config::parse_number(text);
    if (line) return at_line(*line, steps);
    const std::size_t colon = text.find(':');
    const StageType* type = find_stage(text.substr(0, colon));
    if (type == nullptr) return at_name(text, steps);
    if (colon == std::string::npos) return at_keyword(*type, 1, steps);
    const Result<std::uint64_t> count = config::parse_number(text.substr(colon + 1));
    return count && *count > 0 ? at_keyword(*type, *count, steps) : std::nullopt;
}

}  // namespace

void place_break(const config::Word& word, Plan& plan) {
    plan.break_before = find_place(word.text(), plan.steps);
    if (plan.break_before || plan.diagnostics.has_errors()) return;
    plan.diagnostics.warning(word.span, "no line of the config is " + config::quoted(word.text()),
                             "write a keyword ('mount', 'mount:2'), a name behind '->', or the "
                             "number of a line");
}

}  // namespace prologue::planning
