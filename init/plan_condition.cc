// SPDX-License-Identifier: MIT
// when=: its text, what is known about it, and what follows from one condition for another.
#include <algorithm>

#include "board/board.h"
#include "init/planner.h"

namespace prologue::planning {
namespace {

using Kind = Condition::Kind;

constexpr std::string_view kForms =
    "write [!]cmdline:WORD, cmdline:WORD=VALUE, board:NAME or exists:PATH";

// One case that a condition can meet: a command-line word that is absent or has a value, or a
// board.
struct Case {
    bool present = false;
    std::string_view value;
};

// No value and no board is called this: a line of config cannot hold the byte.
constexpr std::string_view kSomethingElse("\0", 1);

bool holds_in(const Condition& condition, const Case& one) {
    bool holds = one.present;
    if (condition.kind == Kind::kBoard) {
        holds = one.value == condition.subject;
    } else if (condition.value) {
        holds = one.present && one.value == *condition.value;
    }
    return holds != condition.negated;
}

bool same_subject(const Condition& a, const Condition& b) {
    if (a.kind != b.kind || a.kind == Kind::kExists) return false;
    return a.kind == Kind::kBoard || a.subject == b.subject;
}

// All cases that these two can tell apart.
std::vector<Case> cases_of(const Condition& a, const Condition& b) {
    std::vector<Case> cases = {{true, kSomethingElse}};
    if (a.kind == Kind::kBoard) {
        cases.push_back({true, a.subject});
        cases.push_back({true, b.subject});
        return cases;
    }
    cases.push_back({false, {}});
    if (a.value) cases.push_back({true, *a.value});
    if (b.value) cases.push_back({true, *b.value});
    return cases;
}

bool complementary(const Condition& a, const Condition& b) {
    if (!same_subject(a, b)) return false;
    const std::vector<Case> cases = cases_of(a, b);
    return std::all_of(cases.begin(), cases.end(),
                       [&](const Case& one) { return holds_in(a, one) || holds_in(b, one); });
}

bool check_board(std::string_view name, const config::Span& span,
                 config::Diagnostics& diagnostics) {
    if (find_board(name) != nullptr) return true;
    diagnostics.error(span, "unknown board " + config::quoted(name), hint_for_unknown_board(name));
    return false;
}

bool fill(std::string_view text, const config::Span& span, Condition& condition,
          config::Diagnostics& diagnostics) {
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    condition.subject = rest;
    if (colon == std::string_view::npos ||
        (kind != "cmdline" && kind != "board" && kind != "exists")) {
        diagnostics.error(span, config::quoted(text) + " is no condition", std::string(kForms));
        return false;
    }
    if (kind == "board") {
        condition.kind = Kind::kBoard;
        return check_board(rest, span, diagnostics);
    }
    if (kind == "exists") {
        condition.kind = Kind::kExists;
        const Result<> checked = check_value(ValueKind::kPath, rest);
        if (!checked) report(checked.error(), span, diagnostics);
        return checked.has_value();
    }
    const std::size_t equals = rest.find('=');
    condition.subject = rest.substr(0, equals);
    if (equals != std::string_view::npos) condition.value = std::string(rest.substr(equals + 1));
    if (!condition.subject.empty()) return true;
    diagnostics.error(span, "the condition names no word of the command line", std::string(kForms));
    return false;
}

}  // namespace

bool parse_condition(const config::Word& word, Condition& condition,
                     config::Diagnostics& diagnostics) {
    const std::string text = word.text();
    std::string_view rest = text;
    if (rest.starts_with('!')) {
        condition.negated = true;
        rest.remove_prefix(1);
    }
    return fill(rest, word.span, condition, diagnostics);
}

std::string text_of(const Condition& condition) {
    std::string text = condition.negated ? "!" : "";
    if (condition.kind == Kind::kCommandLine) text += "cmdline:";
    if (condition.kind == Kind::kBoard) text += "board:";
    if (condition.kind == Kind::kExists) text += "exists:";
    text += condition.subject;
    if (condition.value) text += "=" + *condition.value;
    return text;
}

void resolve_condition(Entry& entry, const World& world) {
    std::optional<Condition>& when = entry.step.when;
    if (!when || when->kind == Kind::kExists) return;
    if (when->kind == Kind::kBoard) {
        if (world.board.empty()) return;
        entry.runs = holds_in(*when, {true, world.board});
        when.reset();
        return;
    }
    if (world.command_line == nullptr) return;
    const config::Parameter* parameter = world.command_line->last(when->subject);
    Case one;
    if (parameter != nullptr) {
        one.present = true;
        one.value = parameter->value ? std::string_view(*parameter->value) : "1";
    }
    entry.runs = holds_in(*when, one);
    when.reset();
}

bool can_both_hold(const std::optional<Condition>& a, const std::optional<Condition>& b) {
    if (!a || !b || !same_subject(*a, *b)) return true;
    const std::vector<Case> cases = cases_of(*a, *b);
    return std::any_of(cases.begin(), cases.end(),
                       [&](const Case& one) { return holds_in(*a, one) && holds_in(*b, one); });
}

bool implies(const std::optional<Condition>& a, const std::optional<Condition>& b) {
    if (!b) return true;
    if (!a || !same_subject(*a, *b)) return false;
    const std::vector<Case> cases = cases_of(*a, *b);
    return std::all_of(cases.begin(), cases.end(),
                       [&](const Case& one) { return !holds_in(*a, one) || holds_in(*b, one); });
}

bool always_one(const std::optional<Condition>& given,
                const std::vector<const std::optional<Condition>*>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (implies(given, *list[i])) return true;
        for (std::size_t j = 0; j < i; ++j) {
            if (*list[i] && *list[j] && complementary(**list[i], **list[j])) return true;
        }
    }
    return false;
}

}  // namespace prologue::planning
