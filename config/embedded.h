// SPDX-License-Identifier: MIT
// The shipped config files that are compiled in (cmake/embed.cmake makes the definitions).
#pragma once

#include <string_view>

namespace prologue::config {

extern const std::string_view kPreludeConf;     // config/prelude.conf
extern const std::string_view kFallbackConf;    // config/fallback.conf
extern const std::string_view kDefaultConf;     // config/default.conf, or -lean without `decrypt`
extern const std::string_view kDefaultTagConf;  // config/default-tag.conf

}  // namespace prologue::config
