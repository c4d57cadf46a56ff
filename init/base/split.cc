// SPDX-License-Identifier: MIT
#include "init/base/split.h"

#include <algorithm>

namespace prologue {

std::string_view take_field(std::string_view& line) {
    constexpr std::string_view kBlanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    const std::string_view field = line.substr(0, line.find_first_of(kBlanks));
    line.remove_prefix(field.size());
    return field;
}

}  // namespace prologue
