// SPDX-License-Identifier: MIT
// The libraries of a dynamic program, found by reading it as ld.so(8) would: DT_RPATH and
// DT_RUNPATH with $ORIGIN, then the directories of /etc/ld.so.conf (glibc) or /etc/ld-musl-*.path
// (musl), then the standard ones. ldd(1) is never used: it runs the program.
#pragma once

#include <string>
#include <string_view>

#include "images/archive.h"
#include "images/problems.h"

namespace prologue::images {

// Adds the interpreter and all libraries, of the libraries too, when `content` is a dynamic ELF
// file and nothing otherwise. `host_path` is where it lies now, `image_path` where it will.
void add_libraries(const std::string& host_path, const std::string& image_path,
                   std::string_view content, Archive& archive, Problems& problems);

}  // namespace prologue::images
