// SPDX-License-Identifier: MIT
// Modules that the kernel asks for by itself before there is a PID 1: zswap its compressor, dm-mod.create= the
// targets, IMA its hash.   Source: request_module() in Linux, kernel/module/kmod.c.
#pragma once

#include "images/closure.h"
#include "images/kernel_modules.h"

namespace prologue::images {

// False when each of these modules is there for a device or a filesystem, or for another module: nothing
// asks for such before the init loads them.
bool may_be_wanted_early(const ModuleTree& tree, const Closure& closure);

}  // namespace prologue::images
