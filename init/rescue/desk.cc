// SPDX-License-Identifier: MIT
#include "init/rescue/desk.h"

#include <algorithm>
#include <cstdio>

#include "init/base/compose.h"
#include "init/base/split.h"
#include "init/failure.h"
#include "stages/stages.h"

namespace prologue::rescue {
namespace {

std::string_view name_of(StepState::Kind kind) {
    switch (kind) {
        case StepState::Kind::kPending: return "not run";
        case StepState::Kind::kDone: return "done";
        case StepState::Kind::kSkipped: return "skipped";
        case StepState::Kind::kFailed: break;
    }
    return "failed";
}

std::string text_of(const config::Span& span) {
    std::string text = span.source->text.substr(span.offset, span.length);
    for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return text;
}

}  // namespace

std::string format_status(const Plan& plan, const Executor& executor) {
    if (plan.steps.empty()) return "there is no config\n";
    std::string text = "line  state    time        stage\n";
    const std::vector<StepState>& states = executor.states();
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const Step& step = plan.steps[i];
        if (step.prelude) continue;
        const StepState state = i < states.size() ? states[i] : StepState{};
        const bool ran =
            state.kind == StepState::Kind::kDone || state.kind == StepState::Kind::kFailed;
        char row[64];
        (void)snprintf(row, sizeof row, "%4u  %-7s  %-10s  ", config::position_of(step.line).line,
                       name_of(state.kind).data(),
                       ran ? format_milliseconds(state.took).c_str() : "");
        text += compose("{}{}\n", row, text_of(step.line));
        if (!state.error.empty()) text += compose("      error: {}\n", state.error);
    }
    return text;
}

Wish Desk::answer(ShellLink& link) {
    link.in_work = true;
    std::string_view rest = *link.line;
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t#"));
    Wish wish;
    if (word == "status") {
        shells_.show(link, format_status(parts_.plan, parts_.executor));
    } else if (word == "why") {
        shells_.show(link, parts_.failure.empty() ? "nothing has failed\n" : parts_.failure);
    } else if (word == "retry") {
        wish.kind = Wish::Kind::kRetry;
    } else if (word == "skip") {
        wish.kind = Wish::Kind::kSkip;
    } else if (word == "continue" || word == "exit") {
        wish.kind = Wish::Kind::kContinue;
    } else if (word == "reboot" || word == "poweroff") {
        wish.kind = word == "reboot" ? Wish::Kind::kReboot : Wish::Kind::kPowerOff;
        wish.at_once = rest.find(" -f") != std::string_view::npos;
    } else {
        return run_stage_line(link);
    }
    return wish;
}

Wish Desk::run_stage_line(ShellLink& link) {
    Wish wish;
    const config::Source source{kTypedName.str(), *link.line};
    const Plan plan = plan_typed_line(source, {parts_.plan.settings, parts_.values, parts_.board});
    shells_.show(link, render_all(plan.diagnostics));
    if (!plan.ok()) return wish;
    if (plan.steps.empty()) {
        shells_.show(link, "not run: its condition does not hold\n");
        return wish;
    }
    const Step& step = plan.steps[0];
    if (step.type == &kShellStage) {
        shells_.show(link, "error: a shell is open already\n");
        return wish;
    }
    const Instant began = parts_.sys.now();
    PlanEnd end = parts_.executor.run_typed(step);
    if (end.failure) {
        shells_.show(link, format_failure(*end.failure, parts_.log));
        return wish;
    }
    if (end.hand_over.skipped) {
        shells_.show(link, compose("not run: {}\n", end.hand_over.summary));
        return wish;
    }
    if (end.ending != Ending::kNone) {
        wish.kind = Wish::Kind::kEnding;
        wish.end = std::move(end);
        return wish;
    }
    std::string line = compose("{} {}", step.type->keyword.str(), end.hand_over.summary);
    if (!step.yields.empty()) {
        line += " -> " + step.yields;
        shells_.tell_fact(link, step.yields, end.hand_over.device->path);
    }
    shells_.show(link, compose("{}, {}\n", line, format_milliseconds(parts_.sys.now() - began)));
    return wish;
}

}  // namespace prologue::rescue
