// SPDX-License-Identifier: MIT
#include "board/drivers.h"

#include "board/boards.h"

namespace prologue {
namespace {

constexpr const BoardDrivers* kTable[] = {&kQemuDrivers, &kPcDrivers};

// QEMU's machine types have the disks of virtio on PCI or, the smallest, on a bus of their own.
constexpr Literal kVirtioDiskModules[] = {"virtio_pci", "virtio_mmio", "virtio_blk", "virtio_scsi"};

// The device of iTCO_wdt is made by the driver of the chipset: lpc_ich, or i2c_i801 since Skylake.
constexpr Literal kWatchdogModules[] = {"iTCO_wdt", "lpc_ich", "i2c_i801", "sp5100_tco",
                                        "wdat_wdt", "hpwdt",   "i6300esb"};

}  // namespace

constinit const DriverBundle kVirtioDisks = {"Virtio disks", kVirtioDiskModules};
constinit const DriverBundle kWatchdogs = {"Watchdogs", kWatchdogModules, DriverUse::kWatchdog};

std::span<const BoardDrivers* const> driver_table() {
    return kTable;
}

}  // namespace prologue
