// SPDX-License-Identifier: MIT
// A kernel on disk with what is known about it: the file itself, its config, and what it has built in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/kernel_config.h"
#include "images/kernel_image.h"
#include "init/base/error.h"

namespace prologue::images {

struct KernelFile {
    std::string path;  // as it was named
    KernelImage image;
    // The one that it carries; else config-VERSION beside it, or `config` in the folder of its modules.
    std::optional<KernelConfig> config;
    std::string modules;                // its lib/modules/VERSION; empty when there is none
    std::vector<std::string> built_in;  // names of modules, of modules.builtin there; sorted
};

// True for the value of --kernel that is such a file and no version: it has a slash, or exists.
bool names_kernel_file(const std::string& value);

// `modules` is what --modules says: a lib/modules/VERSION or a root with one. Empty: that of the root
// whose boot/ the kernel lies in, or of this machine. A `modules` that has none for it is an error.
Result<KernelFile> open_kernel_file(const std::string& path, const std::string& modules);

}  // namespace prologue::images
