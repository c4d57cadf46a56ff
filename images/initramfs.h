// SPDX-License-Identifier: MIT
// Building an initramfs: from what was asked for to a finished tree, and from there to bytes.
// Nothing is written here; everything that is wrong is collected.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/archive.h"
#include "images/compress.h"
#include "images/module_files.h"
#include "images/problems.h"
#include "init/base/error.h"

namespace prologue::images {

struct ImageRequest {
    std::string config;                     // empty = the init's built-in one
    std::string from;                       // LIST or DIR
    std::string init;                       // empty = prologue-init beside this program
    std::string kernel_version;             // -k
    std::string modules;                    // --modules DIR; "none" = a kernel without modules
    std::string board;                      // --for: a board, or "host"
    std::string sysroot;                    // --sysroot: the machine of "host"; empty = this one
    std::vector<std::string> added;         // SRC:DEST
    std::vector<std::string> luks_headers;  // --luks-header: the disks that `decrypt` opens
    bool locked = false;
    Signatures signatures = Signatures::kKeep;
};

// The finished tree. It is complete only when `problems` has no error.
Archive build_tree(const ImageRequest& request, Problems& problems);

// The early archive for the kernel's microcode loader: FILE is such a cpio already, or the bare
// update of one vendor. Uncompressed, its length a multiple of four, so that the main archive may
// follow.
Result<std::string> microcode_archive(const std::string& file);

}  // namespace prologue::images
