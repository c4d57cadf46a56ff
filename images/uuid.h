// SPDX-License-Identifier: MIT
// A UUID that the same bytes always get.   Source: RFC 9562, version 8 (for vendors' own ways).
#pragma once

#include <string>
#include <string_view>

namespace prologue::images {

// 16 bytes. It tells images apart, by accident or by day; it proves nothing about their content.
std::string uuid_of_content(std::string_view content);

}  // namespace prologue::images
