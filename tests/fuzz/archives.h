// SPDX-License-Identifier: MIT
// What the targets that read images and lists check of an archive.
#pragma once

#include "images/archive.h"

namespace prologue::fuzz {

// Both are finished. The same tree: kinds, owners, modes, contents, and which names are one file.
bool same_tree(const images::Archive& a, const images::Archive& b);

// A finished archive without problems: every entry has its directory in front of it, and what the
// writer makes of it reads back as the same tree.
void check_finished(const images::Archive& archive);

}  // namespace prologue::fuzz
