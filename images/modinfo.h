// SPDX-License-Identifier: MIT
// A kernel module as a file: undoing its compression, and the key=value texts of its .modinfo
// section.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/error.h"

namespace prologue::images {

struct ModuleInfo {
    std::string name;      // '_' for '-'; empty in very old modules
    std::string vermagic;  // "6.1.0-50-amd64 SMP preempt mod_unload modversions"
    std::vector<std::string> firmware;
    std::vector<std::string> depends;  // names of modules; empty in very old ones
};

// kRefused for what is no module.
Result<ModuleInfo> parse_modinfo(std::string_view module);

inline constexpr std::size_t kMaxModuleBytes = std::size_t{256} * 1024 * 1024;

// The plain module of a .ko, .ko.gz, .ko.xz or .ko.zst: told by its first bytes, not by its name.
// One that unpacks to more than `limit` bytes is kRefused.
Result<std::string> unpack_module(std::string data, std::size_t limit = kMaxModuleBytes);

// "kernel/fs/fat/vfat.ko.xz" -> "vfat", with '_' for '-'.
std::string module_name_of_path(std::string_view path);
// "kernel/fs/fat/vfat.ko.xz" -> "kernel/fs/fat/vfat.ko".
std::string_view uncompressed_path(std::string_view path);
// Names compare with '-' and '_' alike; inside brackets of an alias pattern '-' is a range.
std::string normalise_module_name(std::string_view name);

}  // namespace prologue::images
