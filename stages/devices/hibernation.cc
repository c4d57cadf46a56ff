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

// Walks from a device down to the disks that it lies on, and from these up to all that lies on them.
// Only what is passed on the way is looked at: a machine may have a hundred other disks.
class Neighbours {
  public:
    explicit Neighbours(BlockInventory& blocks) : blocks_(blocks) {}
    void go_down(const std::string& name);
    Names all;  // that lie on these disks, and the disks themselves

  private:
    void go_up(const std::string& name, bool is_disk);

    BlockInventory& blocks_;
    Names passed_;  // on the way down; keeps a diamond of devices from being walked more than once
};

void Neighbours::go_down(const std::string& name) {
    if (has(passed_, name)) return;
    passed_.push_back(name);
    const Names below = blocks_.below(name);
    if (below.empty()) go_up(name, true);
    for (const std::string& one : below) go_down(one);
}

void Neighbours::go_up(const std::string& name, bool is_disk) {
    if (has(all, name)) return;
    all.push_back(name);
    if (is_disk) {
        for (const std::string& one : blocks_.partitions(name)) go_up(one, false);
    }
    for (const std::string& one : blocks_.holders(name)) go_up(one, true);
}

}  // namespace

Result<Names> find_hibernated(dev_t number, BlockInventory& blocks, Prober& prober) {
    Names found;
    const std::string mounted = TRY(blocks.name_of(number));
    if (mounted.empty()) return found;
    Neighbours beside(blocks);
    beside.go_down(mounted);
    std::sort(beside.all.begin(), beside.all.end());
    for (const std::string& name : beside.all) {
        if (name == mounted) continue;
        const auto device = blocks.look_at(name);
        if (!device || !device->is_readable()) continue;
        const ProbeResult probe = prober.probe(device->path);
        for (const Signature& signature : probe.signatures) {
            if (signature.fstype == kHibernated.view()) found.push_back(device->path);
        }
    }
    return found;
}

}  // namespace prologue
