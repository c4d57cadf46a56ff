// SPDX-License-Identifier: MIT
// The modules that a finished image carries, as PID 1's libkmod will see them: by the binary index
// files in it.
#pragma once

#include <string_view>

#include "config/diagnostic.h"
#include "images/archive.h"
#include "init/plan.h"

namespace prologue::images {

// The VERSION of ".../lib/modules/VERSION/..." in an image; empty for any other path.
std::string_view kernel_of_path(std::string_view path);

// Each module that the plan names is in the image or built into the kernel, by the indexes of every
// kernel that the image has modules for. An image without any gets one warning: a kernel that has
// it all built in can boot it.
void check_plan_modules(const Plan& plan, const Archive& archive, config::Diagnostics& diagnostics);

}  // namespace prologue::images
