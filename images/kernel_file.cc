// SPDX-License-Identifier: MIT
#include "images/kernel_file.h"

#include <algorithm>

#include "images/host.h"
#include "images/kernel_modules.h"
#include "images/modinfo.h"

namespace prologue::images {
namespace {

// The folder that the file itself lies in, whatever links led to it.
std::string folder_of(const std::string& path) {
    const Result<std::string> real = real_path(path);
    return real ? std::string(parent_of(*real)) : std::string(".");
}

Result<std::string> modules_of(const std::string& folder, const std::string& version,
                               const std::string& named) {
    if (!named.empty()) return find_module_directory(version, named);
    // Fedora keeps its kernels beside their modules.
    if (base_name(folder) == version) return folder;
    const std::string root(base_name(folder) == "boot" ? parent_of(folder) : "");
    const Result<std::string> beside = find_module_directory(version, root + "/lib/modules");
    return beside ? *beside : std::string();
}

std::optional<KernelConfig> config_of(const KernelFile& kernel, const std::string& folder) {
    if (!kernel.image.config.empty()) return KernelConfig(kernel.path, kernel.image.config);
    std::vector<std::string> places = {join_path(folder, "config-" + kernel.image.version)};
    if (!kernel.modules.empty()) places.push_back(join_path(kernel.modules, "config"));
    for (const std::string& place : places) {
        Result<std::string> text = read_file(place);
        if (text && is_kernel_config(*text)) return KernelConfig(place, std::move(*text));
    }
    return std::nullopt;
}

std::vector<std::string> built_in_names(const std::string& modules) {
    std::vector<std::string> names;
    if (modules.empty()) return names;
    const Result<std::string> text = read_file(join_path(modules, "modules.builtin"));
    if (!text) return names;
    for (std::string_view rest = *text; !rest.empty();)
        names.push_back(module_name_of_path(take_line(rest)));
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

bool names_kernel_file(const std::string& value) {
    return value.find('/') != std::string::npos || (!value.empty() && exists(value));
}

Result<KernelFile> open_kernel_file(const std::string& path, const std::string& modules) {
    const std::string bytes = TRY(read_file(path));
    Result<KernelImage> image = read_kernel_image(bytes);
    if (!image) return fail(std::move(image).error().with_object(path));
    KernelFile kernel;
    kernel.path = path;
    kernel.image = std::move(*image);
    const std::string folder = folder_of(path);
    kernel.modules = TRY(modules_of(folder, kernel.image.version, modules));
    kernel.config = config_of(kernel, folder);
    kernel.built_in = built_in_names(kernel.modules);
    return kernel;
}

}  // namespace prologue::images
