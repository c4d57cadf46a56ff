// SPDX-License-Identifier: MIT
// What the kernel asks for by itself, by name, once a module is used: character sets at a vfat
// mount, cipher modes when dm-crypt gets its table, checksums of a filesystem. No dependency file
// knows all of it, and an image without them fails at the mount, not at the load.
#pragma once

#include <span>
#include <string_view>

#include "init/base/literal.h"

namespace prologue::images {

struct Need {
    Literal module;  // whose use it is, '_' for '-'
    // Module names or aliases, between spaces. Those that this kernel has are taken, all of them.
    Literal names;
    // At least one must be there, as a module or built in; otherwise that is worth a warning.
    bool required = false;
};

// All rows; several may name the same module.
std::span<const Need> need_table();

// Filesystem types that no module provides: they are part of every kernel or of none.
bool is_core_filesystem(std::string_view type);

}  // namespace prologue::images
