// SPDX-License-Identifier: MIT
// Checking a finished image: its structure, its /init, its modules and the config inside.
#pragma once

#include <string>
#include <string_view>

#include "images/problems.h"

namespace prologue::images {

void check_image(const std::string& name, std::string_view data, Problems& problems);

}  // namespace prologue::images
