// SPDX-License-Identifier: MIT
#include "init/base/clock.h"

#include <climits>

#include "init/base/compose.h"

namespace prologue {

Instant deadline_after(Instant start, Duration bound) {
    if (bound == kForever || start == kNever) return kNever;
    const auto room = std::chrono::duration_cast<Duration>(kNever - start);
    return bound >= room ? kNever : start + bound;
}

int poll_timeout(Instant deadline, Instant now) {
    if (deadline == kNever) return -1;
    if (deadline <= now) return 0;
    const auto left = std::chrono::ceil<Duration>(deadline - now).count();
    return left > INT_MAX ? INT_MAX : static_cast<int>(left);
}

std::string format_milliseconds(Instant span) {
    return std::to_string(std::chrono::duration_cast<Duration>(span).count()) + " ms";
}

std::string format_duration(Duration duration) {
    if (duration == kForever) return "forever";
    const auto ms = duration.count();
    if (ms < 1000) return std::to_string(ms) + " ms";
    std::string fraction;
    if (ms % 1000 != 0) {
        fraction = std::to_string(1000 + ms % 1000);
        fraction[0] = '.';
        while (fraction.back() == '0') fraction.pop_back();
    }
    const auto seconds = ms / 1000;
    const std::string rest = compose("{}{} s", std::to_string(seconds % 60), fraction);
    if (seconds < 60) return rest;
    const std::string minutes = std::to_string(seconds / 60) + " min";
    return seconds % 60 == 0 && fraction.empty() ? minutes : compose("{} {}", minutes, rest);
}

}  // namespace prologue
