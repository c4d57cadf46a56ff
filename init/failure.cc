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

constexpr std::size_t kMostKernelRecords = 8;

}  // namespace

std::string format_failure(const Failure& failure, const std::vector<std::string>& kernel_records) {
    std::string text = headline(failure);
    for (const std::string& note : failure.error->notes) text += "  seen: " + note + "\n";
    for (const std::string& record : kernel_records) text += "  kernel: " + record + "\n";
    if (!failure.error->hint.empty()) text += "  hint: " + failure.error->hint + "\n";
    return text;
}

std::string format_failure(const Failure& failure, KernelLog& log) {
    return format_failure(failure, log.kernel_records(kMostKernelRecords));
}

StopKind stop_kind_of(OnFailure policy) {
    switch (policy) {
        case OnFailure::kPowerOff: return StopKind::kPowerOff;
        case OnFailure::kHalt: return StopKind::kHalt;
        default: return StopKind::kReboot;
    }
}

std::string announce(const PolicyInput& input) {
    const Duration delay = input.settings->failure_delay;
    const std::string what = delay == kForever ? "staying here for ever"
                                               : doing(stop_kind_of(input.policy)).str() + " in " +
                                                     format_duration(delay);
    return "prologue: " + what + " (on-failure=" + std::string(name_of(input.policy)) + ")\n";
}

}  // namespace prologue
