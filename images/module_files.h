// SPDX-License-Identifier: MIT
// A closure as files of an image: modules uncompressed (the kernel's own decompression depends on
// its configuration), the index files, and the firmware that the modules name.
#pragma once

#include <cstdint>

#include "images/archive.h"
#include "images/closure.h"
#include "images/problems.h"

namespace prologue::images {

// Dropped, a module is smaller and loads faster: the kernel has nothing to verify.
enum class Signatures : std::uint8_t { kKeep, kDrop };

// Everything goes below lib/modules/VERSION and lib/firmware. A module that cannot be read, or that
// was built for another kernel, is an error; firmware that is not on this machine is a warning.
// So is a module without a signature that this kernel's config says it will refuse.
void add_module_files(const ModuleTree& tree, const Closure& closure, Signatures signatures,
                      Archive& archive, Problems& problems);

}  // namespace prologue::images
