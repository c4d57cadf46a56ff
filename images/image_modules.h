// SPDX-License-Identifier: MIT
// The modules that a finished image carries, as PID 1's libkmod will see them: by the binary index
// files in it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "images/archive.h"
#include "init/plan.h"

namespace prologue::images {

// The VERSION of ".../lib/modules/VERSION/..." in an image; empty for any other path.
std::string_view kernel_of_path(std::string_view path);

// What one kernel of an image can load, or has built in, as far as the image's indexes tell.
struct Carried {
    std::vector<std::string> names, built_in;            // of modules
    std::vector<std::string> aliases, built_in_aliases;  // patterns of fnmatch(3)

    [[nodiscard]] bool has_module(std::string_view name) const;  // or alias
    [[nodiscard]] bool has_built_in(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const {
        return has_module(name) || has_built_in(name);
    }
};

// By kernel version.
std::map<std::string, Carried, std::less<>> carried_modules(const Archive& archive);

// Each module that the plan names is in the image or built into the kernel, by the indexes of every
// kernel that the image has modules for.
void check_plan_modules(const Plan& plan, const Archive& archive, config::Diagnostics& diagnostics);

// One warning for an image without any modules whose plan names some: a kernel that has them all built
// in can boot it.
void warn_of_no_modules(const Plan& plan, const Archive& archive, config::Diagnostics& diagnostics);

}  // namespace prologue::images
