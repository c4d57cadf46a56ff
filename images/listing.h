// SPDX-License-Identifier: MIT
// The list format of the kernel's usr/gen_init_cpio.c, in both directions:
//   file NAME LOCATION MODE UID GID [HARD LINKS]
//   dir NAME MODE UID GID
//   nod NAME MODE UID GID DEV_TYPE MAJ MIN
//   slink NAME TARGET MODE UID GID
//   pipe NAME MODE UID GID
//   sock NAME MODE UID GID
// '#' starts a comment line, words are separated by blanks, ${NAME} in a location or a link's
// target is taken from the environment. Unlike the kernel's tool, every mistake is reported.
#pragma once

#include <string>

#include "config/diagnostic.h"
#include "config/source.h"
#include "images/archive.h"

namespace prologue::images {

// Reads a list and the files it names into `archive`.
void read_listing(const config::Source& source, Archive& archive, config::Diagnostics& diagnostics);

// False for a file whose content must be written beside the list: it was made here, or its path has
// blanks, for which the format has no quotes.
bool is_on_disk(const Entry& entry);
// kRefused when a name of the archive, or the directory, has blanks, or a symlink has no target.
Result<> check_listable(const Archive& archive, const std::string& content_directory);

// The list of a finished archive. For a file that is not on disk it says `content_directory`/PATH.
std::string write_listing(const Archive& archive, const std::string& content_directory);

}  // namespace prologue::images
