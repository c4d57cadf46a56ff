// SPDX-License-Identifier: MIT
#include "init/failure.h"

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

std::string announce(const PolicyInput& input, bool can_ask) {
    std::string text = "prologue: ";
    const std::string policy = " (on-failure=" + std::string(name_of(input.policy)) + ")\n";
    if (input.policy != OnFailure::kRescue || !can_ask) {
        const Duration delay = input.settings->failure_delay;
        if (delay == kForever) return text + "staying here for ever" + policy;
        return text + std::string(verb(input.policy)) + " in " + format_duration(delay) + policy;
    }
    text += "press a key to reboot";
    if (input.settings->rescue_timeout != kForever) {
        text += "; rebooting by itself in " + format_duration(input.settings->rescue_timeout);
    }
    return text + policy;
}

}  // namespace prologue
