// SPDX-License-Identifier: MIT
#include "config/scalar.h"

#include "tests/unit/test.h"

namespace prologue::config {

TEST_CASE("scalar: durations") {
    const struct {
        std::string_view text;
        std::int64_t ms;
    } cases[] = {{"250ms", 250}, {"10s", 10'000},     {"2min", 120'000},       {"1h", 3'600'000},
                 {"0s", 0},      {"24h", 86'400'000}, {"1440min", 86'400'000}, {"007s", 7'000}};
    for (const auto& one : cases) {
        INFO(one.text);
        const Result<Duration> duration = parse_duration(one.text);
        REQUIRE_OK(duration);
        CHECK(duration->count() == one.ms);
    }
    CHECK(*parse_duration("forever") == kForever);
}

TEST_CASE("scalar: what is no duration") {
    const struct {
        std::string_view text, detail;
    } cases[] = {
        {"", "'' is no duration"},
        {"s", "'s' is no duration"},
        {"-1s", "'-1s' is no duration"},
        {"10", "duration '10' has no unit"},
        {"10m", "'m' is no unit of time"},
        {"1.5s", "duration '1.5s' has a fraction"},
        {"10 s", "' s' is no unit of time"},
        {"10S", "'S' is no unit of time"},
        {"25h", "duration '25h' is longer than 24 h"},
        {"99999999999999999999999s", "'99999999999999999999999s' is no duration"},
        {"18446744073709551615ms", "duration '18446744073709551615ms' is longer than 24 h"},
        {"Forever", "'Forever' is no duration"},
    };
    for (const auto& one : cases) {
        INFO(one.text);
        const Result<Duration> duration = parse_duration(one.text);
        CHECK(!duration.has_value());
        if (duration) continue;
        CHECK(duration.error()->kind == ErrorKind::kConfig);
        CHECK(duration.error()->detail == one.detail);
        CHECK(!duration.error()->hint.empty());
    }
    CHECK(parse_duration("10").error()->hint.starts_with("write '10s'"));
}

TEST_CASE("scalar: sizes") {
    CHECK(*parse_size("512") == 512);
    CHECK(*parse_size("4KiB") == 4096);
    CHECK(*parse_size("1MiB") == 1048576);
    CHECK(*parse_size("2GiB") == 2147483648ull);
    for (const std::string_view bad :
         {"", "KiB", "4KB", "4k", "4 KiB", "-1", "99999999999GiB", "18446744073709551616"}) {
        INFO(bad);
        CHECK(!parse_size(bad).has_value());
    }
}

TEST_CASE("scalar: booleans and numbers") {
    CHECK(*parse_boolean("yes"));
    CHECK(!*parse_boolean("no"));
    for (const std::string_view bad : {"", "true", "1", "Yes", "on"}) {
        CHECK(!parse_boolean(bad).has_value());
    }
    CHECK(*parse_number("0") == 0);
    CHECK(*parse_number("18446744073709551615") == 18446744073709551615ull);
    for (const std::string_view bad :
         {"", "-1", "+1", "1x", "0x10", " 1", "18446744073709551616"}) {
        CHECK(!parse_number(bad).has_value());
    }
}

TEST_CASE("scalar: names") {
    for (const std::string_view good : {"a", "root", "A-b_c.d+9", "-", "..."}) {
        INFO(good);
        CHECK(is_valid_name(good));
    }
    for (const std::string_view bad : {"", ".", "..", "a b", "a/b", "a:b", "ä", "a="}) {
        INFO(bad);
        CHECK(!is_valid_name(bad));
    }
    CHECK(is_valid_name(std::string(127, 'a')));
    CHECK(!is_valid_name(std::string(128, 'a')));
}

}  // namespace prologue::config
