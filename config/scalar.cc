// SPDX-License-Identifier: MIT
#include "config/scalar.h"

#include <limits>

#include "config/diagnostic.h"
#include "init/base/compose.h"

namespace prologue::config {
namespace {

constexpr std::uint64_t kMaxDurationMs = 24ull * 60 * 60 * 1000;

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
constexpr Unit kTimeUnits[] = {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}};
constexpr Unit kSizeUnits[] = {
    {"", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}};

Unexpected wrong(Text message, Text hint) {
    return fail(Error::config(message).with_hint(hint));
}

// The digits at the front of `text`, taken off it. False when there are none or too many.
bool take_digits(std::string_view& text, std::uint64_t& value) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    std::size_t count = 0;
    value = 0;
    for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
        const auto digit = static_cast<std::uint64_t>(text[count] - '0');
        if (value > (kMax - digit) / 10) return false;
        value = value * 10 + digit;
    }
    text.remove_prefix(count);
    return count > 0;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    if (text == "forever") return kForever;
    std::string_view rest = text;
    std::uint64_t value = 0;
    if (!take_digits(rest, value)) {
        return wrong(quoted(text) + " is no duration", "write '250ms', '10s', '2min' or 'forever'");
    }
    if (rest.empty()) {
        return wrong(compose("duration {} has no unit", quoted(text)),
                     compose("write '{}s' for seconds; ms, min and h are known too",
                             std::string(text.substr(0, 12))));
    }
    for (const Unit& unit : kTimeUnits) {
        if (rest != unit.name) continue;
        if (value > kMaxDurationMs / unit.factor) {
            return wrong(compose("duration {} is longer than 24 h", quoted(text)),
                         "write 'forever' for no bound at all");
        }
        return Duration(static_cast<Duration::rep>(value * unit.factor));
    }
    if (rest.front() == '.') {
        return wrong(compose("duration {} has a fraction", quoted(text)),
                     "write whole numbers: '1500ms' is one and a half seconds");
    }
    return wrong(quoted(rest) + " is no unit of time", "write '250ms', '10s', '2min' or '1h'");
}

Result<std::uint64_t> parse_size(std::string_view text) {
    std::string_view rest = text;
    std::uint64_t value = 0;
    if (!take_digits(rest, value)) {
        return wrong(quoted(text) + " is no size", "write '512', '4KiB', '1MiB' or '2GiB'");
    }
    for (const Unit& unit : kSizeUnits) {
        if (rest != unit.name) continue;
        if (value > std::numeric_limits<std::uint64_t>::max() / unit.factor) {
            return wrong(compose("size {} is too large", quoted(text)), {});
        }
        return value * unit.factor;
    }
    return wrong(quoted(rest) + " is no unit of size", "sizes are bytes, KiB, MiB or GiB: '4KiB'");
}

Result<bool> parse_boolean(std::string_view text) {
    if (text == "yes") return true;
    if (text == "no") return false;
    return wrong(quoted(text) + " is neither 'yes' nor 'no'", "write 'yes' or 'no'");
}

Result<std::uint64_t> parse_number(std::string_view text) {
    std::string_view rest = text;
    std::uint64_t value = 0;
    if (!take_digits(rest, value) || !rest.empty()) {
        return wrong(quoted(text) + " is no number", "write decimal digits only");
    }
    return value;
}

bool is_valid_name(std::string_view text) {
    if (text.empty() || text.size() > 127 || text == "." || text == "..") return false;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '_' && c != '.' && c != '+' && c != '-') return false;
    }
    return true;
}

}  // namespace prologue::config
