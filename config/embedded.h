// SPDX-License-Identifier: MIT
// The shipped config files that are compiled in (cmake/embed.cmake makes the definitions).
#pragma once

#include <string_view>

namespace prologue::config {

extern const std::string_view kPreludeConf;  // config/prelude.conf

}  // namespace prologue::config
