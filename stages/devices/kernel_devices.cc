// SPDX-License-Identifier: MIT
#include "stages/devices/kernel_devices.h"

#include "stages/devices/block_scan.h"
#include "stages/devices/btrfs.h"
#include "stages/devices/careful_prober.h"
#include "stages/devices/finder.h"
#include "stages/devices/hibernation.h"
#include "stages/devices/prober.h"
#include "stages/devices/uevent_socket.h"

namespace prologue {

Result<Device> KernelDevices::find(const DeviceSpec& spec, Instant deadline, bool want_type) {
    // A socket for each search: one that is kept would fill with old events in between.
    UeventSocket events = TRY(UeventSocket::open(sys_));
    SysfsBlocks blocks(sys_);
    CarefulProber prober(sys_);
    return Finder(blocks, prober, events, bound_, listener_).find(spec, deadline, want_type);
}

DeviceSurvey KernelDevices::survey(Instant deadline) {
    SysfsBlocks blocks(sys_);
    CarefulProber prober(sys_);
    return survey_devices(blocks, prober, deadline);
}

Result<std::vector<std::string>> KernelDevices::hibernated_beside(dev_t number) {
    SysfsBlocks blocks(sys_);
    BlkidProber prober;
    return find_hibernated(number, blocks, prober);
}

Result<std::vector<std::string>> KernelDevices::btrfs_members(const std::string& path,
                                                              Instant deadline, bool wait) {
    UeventSocket events = TRY(UeventSocket::open(sys_));
    SysfsBlocks blocks(sys_);
    CarefulProber prober(sys_);
    return find_btrfs_members({path, wait, deadline, bound_}, blocks, prober, events, listener_);
}

std::unique_ptr<DeviceFinder> make_kernel_devices(Sys& sys, Duration bound,
                                                  UeventListener* listener) {
    return std::make_unique<KernelDevices>(sys, bound, listener);
}

}  // namespace prologue
