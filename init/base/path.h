// SPDX-License-Identifier: MIT
// Paths as text; nothing here looks at a filesystem.
#pragma once

#include <string>
#include <string_view>

namespace prologue {

// True when `path` is `prefix` or lies below it by whole components ("/devfoo" is not below "/dev").
bool path_is_below(std::string_view path, std::string_view prefix);

// The one spelling of an absolute path: "/newroot" for "/newroot//" and "/./newroot/".
std::string plain_path(std::string_view path);

// One slash between the two, whatever slashes they bring.
std::string join_path(std::string_view directory, std::string_view name);

}  // namespace prologue
