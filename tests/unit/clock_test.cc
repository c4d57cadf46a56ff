// SPDX-License-Identifier: MIT
#include "init/base/clock.h"

#include <climits>

#include "tests/unit/test.h"

namespace prologue::tests {
namespace {
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
}  // namespace

TEST_CASE("clock: a deadline never wraps around") {
    CHECK(deadline_after(seconds(5), milliseconds(250)) == milliseconds(5250));
    CHECK(deadline_after(seconds(5), kForever) == kNever);
    CHECK(deadline_after(kNever, milliseconds(1)) == kNever);
    CHECK(deadline_after(kNever - nanoseconds(1), milliseconds(1)) == kNever);
    CHECK(deadline_after(seconds(1), kForever - milliseconds(1)) == kNever);
    CHECK(deadline_after(Instant(0), Duration(0)) == Instant(0));
}

TEST_CASE("clock: a poll never ends before its deadline") {
    CHECK(poll_timeout(kNever, seconds(1)) == -1);
    CHECK(poll_timeout(seconds(1), seconds(1)) == 0);
    CHECK(poll_timeout(seconds(1), seconds(2)) == 0);
    CHECK(poll_timeout(nanoseconds(1), nanoseconds(0)) == 1);
    CHECK(poll_timeout(milliseconds(3), nanoseconds(1)) == 3);
    CHECK(poll_timeout(milliseconds(3), milliseconds(1)) == 2);
    CHECK(poll_timeout(hours(24 * 365), nanoseconds(0)) == INT_MAX);
}

TEST_CASE("clock: durations as people read them") {
    const struct {
        long long ms;
        std::string_view text;
    } cases[] = {
        {0, "0 ms"},
        {1, "1 ms"},
        {999, "999 ms"},
        {1'000, "1 s"},
        {1'500, "1.5 s"},
        {1'005, "1.005 s"},
        {59'999, "59.999 s"},
        {60'000, "1 min"},
        {65'000, "1 min 5 s"},
        {60'250, "1 min 0.25 s"},
        {7'200'000, "120 min"},
    };
    for (const auto& one : cases) CHECK(format_duration(Duration(one.ms)) == one.text);
    CHECK(format_duration(kForever) == "forever");
}

}  // namespace prologue::tests
