// SPDX-License-Identifier: MIT
// Unpacking an image into a folder. The image is not trusted: nothing is ever written outside of
// the folder, whatever its names and symlinks say.
#pragma once

#include <string>

#include "images/archive.h"
#include "images/problems.h"

namespace prologue::images {

// `tree` is finished. Entries are made with their modes; owners only by root. Nodes are left out,
// with a note, by anybody else. The folder is made when it is missing.
void extract_tree(const Archive& tree, const std::string& directory, Problems& problems);

}  // namespace prologue::images
