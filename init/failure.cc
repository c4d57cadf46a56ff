// SPDX-License-Identifier: MIT
#include "init/failure.h"

#include "config/diagnostic.h"
#include "init/base/compose.h"

namespace prologue {
namespace {

std::string headline(const Failure& failure) {
    if (failure.step == nullptr) return compose("prologue: error: {}\n", describe(failure.error));
    const config::Span& span = failure.step->keyword;
    const config::Position place = config::position_of(span);
    std::string text =
        compose("{}:{}:{}: error: {}\n", span.source->name, std::to_string(place.line),
                std::to_string(place.column), describe(failure.error));
    return text + config::render_excerpt(span);
}

constexpr std::size_t kMostKernelRecords = 8;

}  // namespace

std::string format_failure(const Failure& failure, const std::vector<std::string>& kernel_records) {
    std::string text = headline(failure);
    for (const std::string& note : failure.error->notes) text += compose("  seen: {}\n", note);
    for (const std::string& record : kernel_records) text += compose("  kernel: {}\n", record);
    if (!failure.error->hint.empty()) text += compose("  hint: {}\n", failure.error->hint);
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
    const std::string what =
        delay == kForever
            ? "staying here for ever"
            : compose("{} in {}", doing(stop_kind_of(input.policy)).str(), format_duration(delay));
    return compose("prologue: {} (on-failure={})\n", what, std::string(name_of(input.policy)));
}

}  // namespace prologue
