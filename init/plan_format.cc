// SPDX-License-Identifier: MIT
// What a plan can take at the most, and the table of `prologue plan`.
#include <algorithm>

#include "config/utf8.h"
#include "config/values.h"
#include "init/base/compose.h"
#include "init/planner.h"

namespace prologue {
namespace {

constexpr std::size_t kMaxStageWidth = 72;  // columns; the full line is in the file

struct Row {
    std::string cells[5];
};
constexpr std::string_view kTitles[] = {"#", "line", "stage", "bound", "on failure"};

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size(); ++width) at += config::character_at(text, at).length;
    return width;
}

std::string shortened(const std::string& text) {
    if (width_of(text) <= kMaxStageWidth) return text;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 3 < kMaxStageWidth; ++i)
        at += config::character_at(text, at).length;
    return text.substr(0, at) + "...";
}

// A word as it could stand in a file, with what the command line says in it.
std::string shown(const config::Word& word, const Plan& plan) {
    std::string text = word.text();
    if (plan.command_line != nullptr && !word.is_literal()) {
        config::Values values;
        values.command_line = *plan.command_line;
        text = config::expand(word, values).value_or(text);
    }
    if (!text.empty() && text.find_first_of(" \t\"#") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

std::string stage_cell(const Step& step, const Plan& plan) {
    std::string text = step.type->keyword.str();
    for (const Given& one : step.given) {
        if (step.type->options[one.index].need != Need::kOption)
            text += " " + shown(one.word, plan);
    }
    for (const config::Word& word : step.rest) text += " " + shown(word, plan);
    text = shortened(text);
    if (!step.yields.empty()) text += " -> " + step.yields;
    if (step.when) text += compose("  (when {})", planning::text_of(*step.when));
    return text;
}

std::string bound_cell(const Step& step) {
    if (step.prelude) return "-";
    std::string bound = format_duration(step.timeout);
    if (step.ask) bound += "+" + format_duration(step.ask->bound);
    return step.retries == 0 ? bound : compose("{} x {}", std::to_string(step.retries + 1), bound);
}

// Numbers and bounds stand at the right of their column.
bool is_right_aligned(std::size_t column) {
    return column == 0 || column == 3;
}

void append_row(std::string& text, const Row& row, const std::size_t (&widths)[5]) {
    std::string line;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::string padding(widths[i] - width_of(row.cells[i]), ' ');
        line += i == 0 ? " " : "  ";
        line += is_right_aligned(i) ? padding + row.cells[i] : row.cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
}

}  // namespace

OnFailure policy_of(const Step& step, const Settings& settings) {
    const OnFailure policy = step.on_failure.value_or(settings.on_failure);
    const bool allowed = policy == OnFailure::kReboot || policy == OnFailure::kPowerOff;
    return settings.rescue == RescuePolicy::kLocked && !allowed ? OnFailure::kReboot : policy;
}

WorstCase worst_case(const Plan& plan) {
    WorstCase result;
    for (const Step& step : plan.steps) {
        // PID 1 makes these mounts itself: they wait for nothing, and have no child to end.
        if (step.prelude) continue;
        const Duration asking = step.ask ? step.ask->bound : Duration(0);
        if (step.timeout == kForever || asking == kForever) {
            result.total = kForever;
            if (result.unbounded == nullptr) result.unbounded = &step;
        } else if (result.total != kForever) {
            Duration bound = step.timeout + asking + kReportGrace + kKillGrace;
            if (step.type->undo != nullptr) bound += kUndoBound + kKillGrace;
            result.total += bound * (step.retries + 1);
        }
    }
    return result;
}

std::string format_plan(const Plan& plan) {
    std::vector<Row> rows(1);
    for (std::size_t i = 0; i < 5; ++i) rows[0].cells[i] = kTitles[i];
    for (const Step& step : plan.steps) {
        const std::string line =
            step.prelude ? "(prelude)" : std::to_string(config::position_of(step.line).line);
        rows.push_back({{std::to_string(rows.size()), line, stage_cell(step, plan),
                         bound_cell(step), std::string(name_of(policy_of(step, plan.settings)))}});
    }
    std::size_t widths[5] = {};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < 5; ++i) widths[i] = std::max(widths[i], width_of(row.cells[i]));
    }
    std::string text;
    for (const Row& row : rows) append_row(text, row, widths);
    const WorstCase worst = worst_case(plan);
    text += "worst case: ";
    if (worst.unbounded != nullptr) {
        text += compose("unbounded ({})\n", planning::place_of(worst.unbounded->line));
        return text;
    }
    text += compose("{} (then failure policy '{}')\n", format_duration(worst.total),
                    std::string(name_of(plan.settings.on_failure)));
    return text;
}

}  // namespace prologue
