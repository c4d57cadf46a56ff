// SPDX-License-Identifier: MIT
#include "stages/devices/hibernation.h"

#include <algorithm>

namespace prologue {
namespace {

// "swsuspend" is libblkid's name for what the kernel's hibernation and its kin leave in a swap space.
constexpr Literal kHibernated = "swsuspend";
using Names = std::vector<std::string>;

bool has(const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// A device and what is stacked on it, asked once for all questions.
struct Layer {
    BlockDevice device;
    Names holders;
};

// The disks that the device `name` lies on: its own, or those of the devices that it is stacked on.
// `seen` keeps a diamond of devices from being walked more than once.
void add_disks(const std::string& name, const std::vector<Layer>& all, Names& seen, Names& disks) {
    if (has(seen, name)) return;
    seen.push_back(name);
    Names below;
    for (const Layer& layer : all) {
        if (has(layer.holders, name)) below.push_back(layer.device.name);
        if (layer.device.name == name && !layer.device.disk.empty()) {
            below.push_back(layer.device.disk);
        }
    }
    if (below.empty()) disks.push_back(name);
    for (const std::string& one : below) add_disks(one, all, seen, disks);
}

Names disks_of(const BlockDevice& device, const std::vector<Layer>& all) {
    Names seen, disks;
    add_disks(device.name, all, seen, disks);
    return disks;
}

}  // namespace

Result<Names> find_hibernated(dev_t number, BlockInventory& blocks, Prober& prober) {
    std::vector<Layer> all;
    for (BlockDevice& device : TRY(blocks.scan())) {
        Names holders = blocks.holders(device.name);
        all.push_back({std::move(device), std::move(holders)});
    }
    Names found;
    const auto mounted = std::find_if(all.begin(), all.end(), [number](const Layer& layer) {
        return layer.device.number == number;
    });
    if (mounted == all.end()) return found;
    const Names disks = disks_of(mounted->device, all);
    for (const Layer& layer : all) {
        if (!layer.device.is_readable() || &layer == &*mounted) continue;
        const Names others = disks_of(layer.device, all);
        const bool is_beside =
            std::any_of(others.begin(), others.end(),
                        [&](const std::string& name) { return has(disks, name); });
        if (!is_beside) continue;
        const ProbeResult probe = prober.probe(layer.device.path);
        for (const Signature& signature : probe.signatures) {
            if (signature.fstype == kHibernated.view()) found.push_back(layer.device.path);
        }
    }
    return found;
}

}  // namespace prologue
