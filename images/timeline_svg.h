// SPDX-License-Identifier: MIT
// A boot as a picture (SVG 1.1), which any browser shows: no script, no font and no style from
// elsewhere.
#pragma once

#include <string>

#include "images/timeline_file.h"

namespace prologue::images {

// Above, the whole boot from the kernel's start; below, from the start of the init on and to a scale
// of its own, a row a stage: how long it took, and what part of that it worked.
std::string timeline_svg(const TimelineFile& timeline);

}  // namespace prologue::images
