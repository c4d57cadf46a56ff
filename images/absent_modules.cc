// SPDX-License-Identifier: MIT
#include "images/absent_modules.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "init/base/literal.h"

namespace prologue::images {
namespace {

// Below the kernel's "kernel/": where the drivers of disks and of their controllers lie.
constexpr Literal kFolders[] = {
    "drivers/ata/",    "drivers/block/",    "drivers/cdrom/",    "drivers/firewire/",
    "drivers/hv/",     "drivers/memstick/", "drivers/message/",  "drivers/misc/cardreader/",
    "drivers/mmc/",    "drivers/nvme/",     "drivers/pci/",      "drivers/scsi/",
    "drivers/ufs/",    "drivers/usb/dwc3/", "drivers/usb/host/", "drivers/usb/storage/",
    "drivers/virtio/", "drivers/xen/",
};
// Names of buses; an alias of another kind ("fs-ext4") is no device's.
constexpr Literal kBuses[] = {
    "acpi", "mmc:", "nvme", "pci:", "pnp:", "scsi:", "sdio:", "usb:", "virtio:", "vmbus:", "xen:"};

bool starts_with_one(std::string_view text, std::span<const Literal> starts) {
    return std::any_of(starts.begin(), starts.end(),
                       [text](Literal start) { return text.starts_with(start.view()); });
}

// Of USB the interface class tells; the hundreds of devices with a quirk have it as well.
bool is_quirk(std::string_view pattern) {
    return pattern.starts_with("usb:v") && !pattern.starts_with("usb:v*");
}

// "sv*sd*bc*sc*i*" at the end of a pattern is "*" as well.
std::string_view shortened(std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    const bool only_names =
        star != std::string_view::npos && pattern.starts_with("pci:") &&
        pattern.find_first_of("0123456789ABCDEF", star) == std::string_view::npos;
    return only_names ? pattern.substr(0, star + 1) : pattern;
}

}  // namespace

std::string absent_modules(const ModuleTree& tree, const Closure& closure) {
    std::string text;
    constexpr std::string_view kKernel = "kernel/";
    for (const Alias& alias : tree.aliases()) {
        const Module* module = tree.find(alias.module);
        if (module == nullptr || closure.has(alias.module)) continue;
        std::string_view path = module->path;
        if (path.starts_with(kKernel)) path.remove_prefix(kKernel.size());
        const bool fits = starts_with_one(path, kFolders) && starts_with_one(alias.pattern, kBuses);
        if (!fits || is_quirk(alias.pattern) || alias.pattern.find(' ') != std::string_view::npos)
            continue;
        text.append(shortened(alias.pattern)).append(" ").append(alias.module).append("\n");
    }
    return text;
}

}  // namespace prologue::images
