// SPDX-License-Identifier: MIT
// Checking a finished image: its structure, its /init, its modules and the config inside.
#pragma once

#include <string>
#include <string_view>

#include "images/cpio_reader.h"
#include "images/problems.h"

namespace prologue::images {

// `limit` bounds, in bytes, what the image and each of its modules may unpack to.
void check_image(const std::string& name, std::string_view data, Problems& problems,
                 std::size_t limit = kMaxUnpackedBytes);

}  // namespace prologue::images
