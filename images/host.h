// SPDX-License-Identifier: MIT
// The host's own files. Everything else in this folder works on bytes in memory; only here, in the
// QEMU runner and in extraction is the machine touched, and only here is errno read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "init/base/error.h"

namespace prologue::images {

// No input of an image is larger: newc keeps sizes in 32 bits.
inline constexpr std::size_t kMaxFileBytes = 0xffffffff;

// What "-" names where a command reads a file, and how it is called in messages.
inline constexpr std::string_view kStandardInput = "standard input";

// Errors of all these carry the path, and a hint where there is one thing to try: the nearest name
// in the same directory, say.
Result<std::string> read_file(const std::string& path, std::size_t limit = kMaxFileBytes);
Result<std::string> read_standard_input(std::size_t limit = kMaxFileBytes);
// At most the first `count` bytes: for files of any size.
Result<std::string> read_start(const std::string& path, std::size_t count);
Result<struct stat> stat_path(const std::string& path);  // follows symlinks
Result<struct stat> lstat_path(const std::string& path);
Result<std::string> read_link(const std::string& path);
// Names without "." and "..", sorted by byte.
Result<std::vector<std::string>> list_directory(const std::string& path);
bool exists(const std::string& path);
// kRefused when `output` is one of these files, by whatever name: writing it would destroy an input.
Result<> keep_inputs(const std::string& output, const std::vector<std::string>& inputs);
bool is_directory(const std::string& path);
bool is_block_device(const std::string& path);
// Resolves symlinks; the path must exist.
Result<std::string> real_path(const std::string& path);

// Replaces `path` in one step: a temporary file beside it with `mode`, fsync, rename. What is no
// regular file (a pipe, /dev/stdout) is written to in place; "-" is standard output.
Result<> write_output(const std::string& path, std::string_view data, mode_t mode);
Result<> make_directory(const std::string& path, mode_t mode);  // already there is fine

// The folder of the running executable.
Result<std::string> executable_directory();
// uname(2)'s release.
std::string running_kernel();

// "a/b" from "a" and "b", whatever slashes they carry.
std::string join_path(std::string_view directory, std::string_view name);
std::string_view base_name(std::string_view path);
std::string_view parent_of(std::string_view path);  // "" for a path without a slash

}  // namespace prologue::images
