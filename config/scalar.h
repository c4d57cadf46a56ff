// SPDX-License-Identifier: MIT
// Values of options: durations, sizes, booleans, numbers, names. Pure text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "init/base/clock.h"
#include "init/base/error.h"

namespace prologue::config {

// "250ms", "10s", "2min", "1h"; "forever" gives kForever. A number without a unit is an error that
// says so; a bound over 24 h is an error too. Errors are kConfig; detail says what would be right.
Result<Duration> parse_duration(std::string_view text);
// "512", "4KiB", "1MiB", "2GiB": bytes.
Result<std::uint64_t> parse_size(std::string_view text);
// "yes" or "no".
Result<bool> parse_boolean(std::string_view text);
// A decimal number without sign.
Result<std::uint64_t> parse_number(std::string_view text);

// [A-Za-z0-9_.+-]{1,127}: what `-> name` takes.
bool is_valid_name(std::string_view text);

}  // namespace prologue::config
