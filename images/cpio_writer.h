// SPDX-License-Identifier: MIT
// cpio "newc" ("070701"), as the kernel's init/initramfs.c reads it. Nothing of the host gets in:
// inode numbers count from 1 in the order of the archive, times and device numbers are 0.
#pragma once

#include <string>

#include "images/archive.h"
#include "init/base/error.h"

namespace prologue::images {

// The archive with its trailer, padded with zeros to a multiple of 512 bytes, so that another one
// may follow. `archive` is finished. Hard links carry their data in the last of their entries, as
// gen_init_cpio writes them. A file over 4 GiB is refused.
Result<std::string> write_cpio(const Archive& archive);

}  // namespace prologue::images
