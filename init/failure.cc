// SPDX-License-Identifier: MIT
#include "init/failure.h"

#include <charconv>

#include "config/diagnostic.h"

namespace prologue {
namespace {

std::string headline(const Failure& failure) {
    if (failure.step == nullptr) return "prologue: error: " + describe(failure.error) + "\n";
    const config::Span& span = failure.step->keyword;
    const config::Position place = config::position_of(span);
    std::string text = span.source->name + ":" + std::to_string(place.line) + ":" +
                       std::to_string(place.column) + ": error: " + describe(failure.error) + "\n";
    return text + config::render_excerpt(span);
}

std::string_view verb(OnFailure policy) {
    switch (policy) {
        case OnFailure::kPowerOff: return "powering off";
        case OnFailure::kHalt: return "halting";
        default: return "rebooting";
    }
}

}  // namespace

std::string format_failure(const Failure& failure, const std::vector<std::string>& kernel_records) {
    std::string text = headline(failure);
    for (const std::string& note : failure.error.notes) text += "  seen: " + note + "\n";
    for (const std::string& record : kernel_records) text += "  kernel: " + record + "\n";
    if (!failure.error.hint.empty()) text += "  hint: " + failure.error.hint + "\n";
    return text;
}

Duration failure_delay(const PolicyInput& input) {
    const config::Parameter* word = input.command_line->last("panic");
    if (word == nullptr || !word->value) return input.settings->failure_delay;
    long seconds = 0;
    const std::string& text = *word->value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds == 0) {
        return input.settings->failure_delay;
    }
    return seconds < 0 ? Duration(0) : std::chrono::seconds(std::min(seconds, 86'400L));
}

std::string announce(const PolicyInput& input, bool can_ask) {
    std::string text = "prologue: ";
    const std::string policy = " (on-failure=" + std::string(name_of(input.policy)) + ")\n";
    if (input.policy != OnFailure::kRescue || !can_ask) {
        return text + std::string(verb(input.policy)) + " in " +
               format_duration(failure_delay(input)) + policy;
    }
    text += "press a key to reboot";
    if (input.settings->rescue_timeout != kForever) {
        text += "; rebooting by itself in " + format_duration(input.settings->rescue_timeout);
    }
    return text + policy;
}

}  // namespace prologue
