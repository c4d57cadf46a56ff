// SPDX-License-Identifier: MIT
// The list format of the kernel's usr/gen_init_cpio.c, in both directions:
//   file NAME LOCATION MODE UID GID [HARD LINKS]
//   dir NAME MODE UID GID
//   nod NAME MODE UID GID DEV_TYPE MAJ MIN
//   slink NAME TARGET MODE UID GID
//   pipe NAME MODE UID GID
//   sock NAME MODE UID GID
// '#' starts a comment line, words are separated by blanks, ${NAME} in a location or a link's target is
// taken from the environment. Unlike the kernel's tool, every mistake is reported.
#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/source.h"
#include "images/archive.h"

namespace prologue::images {

// Reads a list and the files it names into `archive`.
void read_listing(const config::Source& source, Archive& archive, config::Diagnostics& diagnostics);

// The list of a finished archive. A file whose `origin` is empty has no place on disk yet: its content
// is to be written to `content_directory`/PATH, which is what the list says.
std::string write_listing(const Archive& archive, const std::string& content_directory);

}  // namespace prologue::images
