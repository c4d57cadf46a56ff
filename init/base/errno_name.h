// SPDX-License-Identifier: MIT
// The symbolic name of an errno value, since musl has no strerrorname_np(3).
#pragma once

#include <string_view>

namespace prologue {

// "ENODEV" for ENODEV; empty for a number that Linux does not define.
std::string_view errno_name(int errnum);

}  // namespace prologue
