// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace prologue {

// Takes the first item off a comma-separated list, with its comma: "ro,,nosuid" gives "ro", then "",
// then "nosuid". Called while the list is not empty; items point into the list.
inline std::string_view take_item(std::string_view& list) {
    const std::size_t comma = list.find(',');
    const std::string_view item = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    return item;
}

}  // namespace prologue
