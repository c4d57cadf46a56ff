// SPDX-License-Identifier: MIT
#include "images/early_modules.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "init/base/literal.h"

namespace prologue::images {
namespace {

// What stands before a device's own words, or the number of a device node; and "fs-", which the mount of
// a filesystem asks for.   Source: scripts/mod/file2alias.c of Linux.
constexpr Literal kForDevices[] = {
    "acpi", "block-major-", "char-major-", "cpu:",      "devname:", "dmi",    "fs-",   "hid:",
    "i2c:", "input:",       "mmc:",        "nvme",      "pci:",     "pnp:",   "scsi:", "sdio:",
    "spi:", "serio:",       "usb:",        "platform:", "virtio:",  "vmbus:", "xen:",
};

bool is_for_devices(std::string_view alias) {
    return std::any_of(std::begin(kForDevices), std::end(kForDevices),
                       [alias](Literal start) { return alias.starts_with(start.view()); });
}

}  // namespace

bool may_be_wanted_early(const ModuleTree& tree, const Closure& closure) {
    const std::vector<const Module*>& modules = closure.load_order();
    // Modules that have a reason to be there, by name.
    std::unordered_set<std::string_view> explained;
    for (const Alias& alias : tree.aliases()) {
        if (!closure.has(alias.module)) continue;
        if (!is_for_devices(alias.pattern)) return true;
        explained.insert(alias.module);
    }
    for (const Module* module : modules)
        for (const std::string_view path : module->dependencies)
            if (const Module* dependency = tree.find_path(path); dependency != nullptr)
                explained.insert(dependency->name);
    return std::any_of(modules.begin(), modules.end(),
                       [&](const Module* module) { return !explained.contains(module->name); });
}

}  // namespace prologue::images
