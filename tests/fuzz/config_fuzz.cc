// SPDX-License-Identifier: MIT
// Every byte sequence gives a plan or a diagnostic. Lines at the head of the input say how it is
// planned, as in the goldens: `#! cmdline WORDS`, `#! board NAME`, `#! locked`, `#! target`.
#include <algorithm>
#include <optional>

#include "config/embedded.h"
#include "config/values.h"
#include "init/plan.h"
#include "stages/stage.h"
#include "tests/fuzz/config_print.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

struct Setup {
    std::optional<config::CommandLine> command_line;
    std::optional<std::string> board;
    bool locked = false, on_target = false;
};

Setup setup_of(std::string_view text) {
    Setup setup;
    while (text.starts_with("#! ")) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view word = text.substr(3, end - std::min<std::size_t>(end, 3));
        const std::size_t blank = word.find(' ');
        const std::string_view rest =
            blank == std::string_view::npos ? std::string_view() : word.substr(blank + 1);
        word = word.substr(0, blank);
        if (word == "cmdline") setup.command_line = config::CommandLine::parse(rest);
        if (word == "board") setup.board = std::string(rest);
        setup.locked |= word == "locked";
        setup.on_target |= word == "target";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return setup;
}

void check_span(const config::Span& span) {
    HOLDS(span.source != nullptr);
    HOLDS(span.offset <= span.source->text.size());
    HOLDS(span.length <= span.source->text.size() - span.offset);
    const config::Position position = config::position_of(span);
    const std::string& text = span.source->text;
    HOLDS(position.line >= 1 && position.column >= 1);
    HOLDS(position.line <= 1 + std::count(text.begin(), text.end(), '\n'));
}

void check_diagnostics(const config::Diagnostics& diagnostics) {
    const std::vector<config::Diagnostic> sorted = diagnostics.sorted();
    HOLDS(sorted.size() == diagnostics.all().size());
    HOLDS(diagnostics.has_errors() == (diagnostics.error_count() != 0));
    bool any_error = false;
    for (const config::Diagnostic& one : sorted) {
        // Only the count of what is not shown has no place.
        if (one.span.source != nullptr) check_span(one.span);
        HOLDS(one.span.source != nullptr || one.message.starts_with("too many mistakes"));
        HOLDS(!one.message.empty());
        any_error |= one.severity == config::Severity::kError;
        const std::string text = config::render(one);
        HOLDS(text.ends_with('\n') && is_printable(text));
    }
    HOLDS(!diagnostics.has_errors() || any_error);
}

void check_step(const Step& step, const Plan& plan, const config::Values& values) {
    HOLDS(step.type != nullptr);
    check_span(step.line);
    if (plan.settings.rescue == RescuePolicy::kLocked) {
        const OnFailure policy = policy_of(step, plan.settings);
        HOLDS(policy == OnFailure::kReboot || policy == OnFailure::kPowerOff);
    }
    const Result<Arguments> arguments = Arguments::expand(step, values);
    if (!arguments) HOLDS(!describe(arguments.error()).empty());
}

void check_plan(const Plan& plan, const Setup& setup) {
    HOLDS(!plan.steps.empty());
    HOLDS(plan.steps.back().type->ending != Ending::kNone);
    HOLDS(!setup.locked || plan.settings.rescue == RescuePolicy::kLocked);
    config::Values values;
    if (setup.command_line) values.command_line = *setup.command_line;
    for (const Step& step : plan.steps) check_step(step, plan, values);

    const std::string text = format_plan(plan);
    HOLDS(is_printable(text) && text.ends_with('\n'));
    HOLDS(text.find(" \n") == std::string::npos);
    // The heading, a line a step, and the worst case.
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    HOLDS(lines == plan.steps.size() + 2);
    const WorstCase worst = worst_case(plan);
    HOLDS((worst.unbounded != nullptr) == (worst.total == kForever));
    HOLDS(worst.total >= Duration(0));
}

// What the lexer reads is all there is in a text: printed, it reads the same.
void check_lines(const config::Source& source) {
    config::Diagnostics diagnostics;
    const std::vector<config::Line> lines = config::parse_lines(source, diagnostics);
    for (const config::Line& line : lines) {
        check_span(line.span);
        for (const config::Token& token : line.tokens) check_span(token.span);
    }
    if (diagnostics.has_errors()) return;
    const config::Source printed{"printed.conf", print_lines(lines)};
    if (printed.text.size() > config::kMaxSourceBytes) return;
    const std::vector<config::Line> again = config::parse_lines(printed, diagnostics);
    HOLDS(!diagnostics.has_errors());
    HOLDS(same_lines(lines, again));
}

}  // namespace

void fuzz_one(std::string_view input) {
    const config::Source source{"fuzz.conf", std::string(input)};
    const config::Source prelude{"(prelude)", std::string(config::kPreludeConf)};
    const Setup setup = setup_of(input);
    PlanInput how;
    how.config = &source;
    how.prelude = &prelude;
    how.command_line = setup.command_line ? &*setup.command_line : nullptr;
    how.board = setup.board;
    how.locked = setup.locked;
    how.on_target = setup.on_target;
    const Plan plan = make_plan(how);
    check_diagnostics(plan.diagnostics);
    if (plan.ok()) check_plan(plan, setup);
    check_lines(source);
}

}  // namespace prologue::fuzz
