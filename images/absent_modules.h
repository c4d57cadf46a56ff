// SPDX-License-Identifier: MIT
// What an image for `modules auto` leaves out: drivers of storage that the kernel has and the image has
// not, so that a boot which finds no disk can name the one that it was in want of.
#pragma once

#include <string>

#include "images/closure.h"
#include "images/kernel_modules.h"

namespace prologue::images {

// The file kAbsentModules (stages/coldplug.h) of an image with these modules.
std::string absent_modules(const ModuleTree& tree, const Closure& closure);

}  // namespace prologue::images
