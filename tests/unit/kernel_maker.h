// SPDX-License-Identifier: MIT
// A bzImage that no machine can run: the setup header, a version, and a compressed "kernel".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "images/compress.h"
#include "tests/unit/image_folder.h"

namespace prologue::images {

struct KernelRecipe {
    std::string version = "6.1.0-test";
    std::string flags = "SMP mod_unload ";  // of its version magic
    std::string config;                     // CONFIG_IKCONFIG; empty for none
    Compression compression = Compression::kGzip;
};

inline void put_le(std::string& bytes, std::size_t at, std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        bytes[at + i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

// The kernel proper: an ELF file with the texts that are looked for.
inline std::string kernel_proper(const KernelRecipe& recipe) {
    using namespace std::string_literals;
    std::string data = "\0Linux version "s + recipe.version + " (nobody)\0"s + recipe.version +
                       " is no magic\0"s + recipe.version + " " + recipe.flags + "\0"s;
    if (!recipe.config.empty())
        data += "IKCFG_ST" + compress_gzip(recipe.config).value_or("") + "IKCFG_ED";
    return elf_with_section(".rodata", data);
}

inline std::string kernel_around(const std::string& version, const std::string& payload) {
    constexpr std::size_t kSetup = 3 * 512;
    std::string bytes(kSetup, '\0');
    bytes[0x1f1] = 2;
    put_le(bytes, 0x1fe, 0xaa55, 2);
    bytes.replace(0x202, 4, "HdrS");
    put_le(bytes, 0x206, 0x20f, 2);
    put_le(bytes, 0x20e, 0x200, 2);
    put_le(bytes, 0x236, 1, 2);
    put_le(bytes, 0x248, 16, 4);
    put_le(bytes, 0x24c, static_cast<std::uint32_t>(payload.size()), 4);
    const std::string text = version + " (builder@host) #1 SMP";
    bytes.replace(0x400, text.size(), text);
    return bytes + std::string(16, '\0') + payload;
}

inline std::string kernel_file(const KernelRecipe& recipe = {}) {
    const std::string kernel = kernel_proper(recipe);
    std::string payload = compress(recipe.compression, kernel).value_or("");
    // gzip has the size in its own trailer.
    if (recipe.compression != Compression::kGzip) {
        payload += std::string(4, '\0');
        put_le(payload, payload.size() - 4, static_cast<std::uint32_t>(kernel.size()), 4);
    }
    return kernel_around(recipe.version, payload);
}

}  // namespace prologue::images
