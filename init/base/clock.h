// SPDX-License-Identifier: MIT
// Time: CLOCK_MONOTONIC only, since the real-time clock may jump while a boot waits.
#pragma once

#include <chrono>
#include <string>

namespace prologue {

using Duration = std::chrono::milliseconds;  // a bound of a config line
using Instant = std::chrono::nanoseconds;    // a reading of CLOCK_MONOTONIC

inline constexpr Duration kForever = Duration::max();
inline constexpr Instant kNever = Instant::max();

// The instant `bound` after `start`; kNever for kForever, never wraps around.
Instant deadline_after(Instant start, Duration bound);

// Milliseconds from `now` to `deadline` as poll(2) wants them: -1 for kNever, rounded up so that a
// poll never returns just before its deadline, and 0 once it has passed.
int poll_timeout(Instant deadline, Instant now);

// "41 ms", also of what is longer than a second: for times that are compared.
std::string format_milliseconds(Instant span);

// "250 ms", "10 s", "2 min", "1 min 5 s", "forever".
std::string format_duration(Duration duration);

}  // namespace prologue
