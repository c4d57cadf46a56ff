// SPDX-License-Identifier: MIT
// Finding the module directory that -k and --modules mean.
#include "images/host.h"
#include "images/kernel_modules.h"

namespace prologue::images {
namespace {

constexpr std::string_view kPlaces[] = {"lib/modules", "usr/lib/modules"};

// One that depmod has not yet seen has its modules in "kernel", and a version as its name; /etc has
// a "kernel" too.
bool is_module_directory(const std::string& path) {
    const std::string_view name = base_name(path);
    const bool is_version = !name.empty() && name[0] >= '0' && name[0] <= '9';
    return exists(join_path(path, "modules.dep")) ||
           (is_version && is_directory(join_path(path, "kernel")));
}

Unexpected no_modules(const std::string& path, std::string why) {
    return fail(
        Error::not_found("find modules", path, std::move(why))
            .with_hint("a module directory is lib/modules/VERSION, or a root that has one"));
}

Result<std::string> find_below(const std::string& modules, const std::string& version) {
    if (!version.empty()) {
        std::string path = join_path(modules, version);
        if (is_directory(path)) return path;
        return no_modules(path, "there is no such directory");
    }
    const std::vector<std::string> names = TRY(list_directory(modules));
    std::vector<std::string> found;
    for (const std::string& name : names)
        if (is_module_directory(join_path(modules, name))) found.push_back(name);
    if (found.size() == 1) return join_path(modules, found.front());
    if (found.empty()) return no_modules(modules, "it holds no modules of a kernel");
    std::string list;
    for (const std::string& name : found) list += " " + name;
    Error error = Error::refused("find modules", modules, "it has more than one kernel:" + list);
    error->hint = "say which one with '-k VERSION'";
    return fail(std::move(error));
}

}  // namespace

Result<std::string> find_module_directory(const std::string& version,
                                          const std::string& directory) {
    if (directory.empty()) {
        const std::string wanted = version.empty() ? running_kernel() : version;
        Result<std::string> found = find_below("/lib/modules", wanted);
        if (found) return found;
        return fail(std::move(found).error().with_hint(
            version.empty() ? "this is the running kernel; name another one with '-k VERSION' or "
                              "'--modules DIR', or '--modules none' for a kernel without modules"
                            : "is that kernel's package installed? 'ls /lib/modules' lists them"));
    }
    if (!is_directory(directory)) return no_modules(directory, "there is no such directory");
    if (is_module_directory(directory)) {
        const std::string real = TRY(real_path(directory));
        if (version.empty() || base_name(real) == version) return real;
        return fail(Error::refused(
            "find modules", directory,
            "it holds the modules of " + std::string(base_name(real)) + ", not of " + version));
    }
    for (const std::string_view place : kPlaces) {
        const std::string modules = join_path(directory, place);
        if (is_directory(modules)) return find_below(modules, version);
    }
    // A folder of versions, as /lib/modules itself.
    return find_below(directory, version);
}

}  // namespace prologue::images
