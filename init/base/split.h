// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace prologue {

// Takes the first part off a text, with the separator behind it: "ro,,nosuid" gives "ro", then "",
// then "nosuid". Called while the text is not empty; parts point into it.
inline std::string_view take_part(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

// Takes the next field off a line, with the blanks around it: of " / ext4" first "/", then "ext4", then
// the empty text.
std::string_view take_field(std::string_view& line);

}  // namespace prologue
