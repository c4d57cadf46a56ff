// SPDX-License-Identifier: MIT
// The prologue.conf of a machine, with the reason of each line above it.
#pragma once

#include <string>

#include "images/machine/machine.h"

namespace prologue::images {

// `locked`: for an image in which no failure may lead to a shell. What the planner thinks of the text is for
// the caller to ask: a container may be called as a filesystem type is.
std::string config_text(const Machine& machine, bool locked);

}  // namespace prologue::images
