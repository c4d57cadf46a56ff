// SPDX-License-Identifier: MIT
// What this tool must know about 64-bit little-endian ELF files. Read by hand and bounds-checked:
// nothing is ever executed or loaded to look at it, and any bytes give an answer or an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/error.h"

namespace prologue::images {

bool is_elf(std::string_view data);

struct ElfProgram {
    std::uint16_t type = 0;           // ET_EXEC, ET_DYN, ET_REL
    std::uint16_t machine = 0;        // EM_X86_64
    std::string interpreter;          // empty = static
    std::vector<std::string> needed;  // DT_NEEDED, in order
    std::string soname;
    std::vector<std::string> rpath, runpath;  // split at ':', "$ORIGIN" not replaced
};

// Program header and dynamic section.
Result<ElfProgram> parse_elf_program(std::string_view data);

// The bytes of the first section of that name; kNotFound when there is none.
Result<std::string_view> elf_section(std::string_view data, std::string_view name);

}  // namespace prologue::images
