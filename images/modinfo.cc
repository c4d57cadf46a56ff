// SPDX-License-Identifier: MIT
#include "images/modinfo.h"

#include "images/compress.h"
#include "images/elf.h"
#include "images/host.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::string_view name = take_part(text, ',');
        if (!name.empty()) names.push_back(normalise_module_name(name));
    }
    return names;
}

}  // namespace

Result<ModuleInfo> parse_modinfo(std::string_view module) {
    std::string_view section = TRY(elf_section(module, ".modinfo"));
    ModuleInfo info;
    while (!section.empty()) {
        const std::string_view line = take_part(section, '\0');
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = line.substr(equals + 1);
        if (key == "name") info.name = normalise_module_name(value);
        if (key == "vermagic") info.vermagic = value;
        if (key == "depends") info.depends = split_names(value);
        if (key == "firmware") info.firmware.emplace_back(value);
    }
    return info;
}

Result<std::string> unpack_module(std::string data, std::size_t limit) {
    const auto compression = detect_compression(data);
    if (!compression) {
        const std::string_view foreign = foreign_compression(data);
        if (!foreign.empty())
            return fail(Error::refused("unpack", {}, "compressed with " + std::string(foreign)));
        return data;
    }
    Decoded decoded = decompress(*compression, data, limit);
    if (!decoded.problem.empty()) return fail(Error::refused("unpack", {}, decoded.problem));
    return std::move(decoded.data);
}

std::string module_name_of_path(std::string_view path) {
    std::string_view name = base_name(path);
    return normalise_module_name(name.substr(0, name.find('.')));
}

std::string_view uncompressed_path(std::string_view path) {
    const std::size_t end = path.rfind(".ko");
    return end == std::string_view::npos ? path : path.substr(0, end + 3);
}

std::string normalise_module_name(std::string_view name) {
    std::string normal(name);
    bool in_brackets = false;
    for (char& letter : normal) {
        if (letter == '[') in_brackets = true;
        if (letter == ']') in_brackets = false;
        if (letter == '-' && !in_brackets) letter = '_';
    }
    return normal;
}

}  // namespace prologue::images
