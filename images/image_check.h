// SPDX-License-Identifier: MIT
// Checking a finished image: its structure, its /init, its modules and the config inside.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/cpio_reader.h"
#include "images/host_config.h"
#include "images/problems.h"

namespace prologue::images {

struct ImageModule {
    std::string path, name;
    std::string vermagic;              // empty when it does not say
    std::vector<std::string> depends;  // names of modules
    bool is_signed = false;
};

// By kernel version.
using ImageModules = std::map<std::string, std::vector<ImageModule>, std::less<>>;

// What the checks have found out about the image on their way.
struct CheckedImage {
    std::vector<ImagePart> parts;
    Archive tree;
    ImageModules modules;
    std::optional<HostConfig> config;
};

enum class Kernel : std::uint8_t { kUnknown, kNamed };

// `limit` bounds, in bytes, what the image and each of its modules may unpack to. Looks at the bytes
// alone: what the kernel thinks of them its caller knows, and asks for no words on it with kNamed.
CheckedImage check_image(const std::string& name, std::string_view data, Problems& problems,
                         Kernel kernel = Kernel::kUnknown, std::size_t limit = kMaxUnpackedBytes);

// The names of those without a signature.
std::vector<std::string> unsigned_names(const std::vector<ImageModule>& modules);

}  // namespace prologue::images
