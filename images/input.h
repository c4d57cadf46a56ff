// SPDX-License-Identifier: MIT
// The file that a command works on: "-" is standard input, and a file of another kind than the
// command reads is refused by its first bytes, with the command that does read it.
#pragma once

#include <cstdint>
#include <string>

#include "init/base/error.h"

namespace prologue::images {

enum class Wanted : std::uint8_t { kConfig, kImage, kEither };

struct Input {
    std::string name;  // for messages
    std::string data;
    bool is_image = false;
};

// kSystem for what cannot be read, kRefused for the wrong kind.
Result<Input> read_input(const std::string& path, Wanted wanted);

}  // namespace prologue::images
