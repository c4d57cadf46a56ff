// SPDX-License-Identifier: MIT
// Files of the host into an archive: `--from DIR`, and `--add SRC:DEST` with the libraries of
// dynamic programs. Modes are kept, owners become 0. Nothing is executed: ELF files are read, never
// run.
#pragma once

#include <string>

#include "images/archive.h"
#include "images/problems.h"

namespace prologue::images {

// Everything below `directory`, at `destination` of the image ("" = its root).
void add_tree(const std::string& directory, const std::string& destination, Archive& archive,
              Problems& problems);

// One file (symlinks are followed) or a directory as above; then, for each dynamic program among
// them, its interpreter and libraries under the paths at which they will be looked for.
void add_with_libraries(const std::string& source, const std::string& destination, Archive& archive,
                        Problems& problems);

// Absolute symlinks whose target is not in the image are errors, relative ones warnings. Targets
// below the directories that the boot mounts (/dev, /proc, /run, /sys) come into being later.
void check_symlinks(const Archive& archive, Problems& problems);

}  // namespace prologue::images
