// SPDX-License-Identifier: MIT
// Checking a finished image: its structure, its /init, its modules and the config inside.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "images/cpio_reader.h"
#include "images/problems.h"

namespace prologue::images {

// The kernel versions that an image has modules for, and which of those have no signature.
using UnsignedModules = std::map<std::string, std::vector<std::string>, std::less<>>;

// `limit` bounds, in bytes, what the image and each of its modules may unpack to. Looks at the bytes
// alone: what the kernel thinks of modules without a signature its caller knows.
UnsignedModules check_image(const std::string& name, std::string_view data, Problems& problems,
                            std::size_t limit = kMaxUnpackedBytes);

}  // namespace prologue::images
