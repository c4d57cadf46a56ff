// SPDX-License-Identifier: MIT
#include "stages/devices/kernel_devices.h"

#include "stages/devices/block_scan.h"
#include "stages/devices/finder.h"
#include "stages/devices/prober.h"
#include "stages/devices/uevent_socket.h"

namespace prologue {

Result<Device> KernelDevices::find(const DeviceSpec& spec, Instant deadline, bool want_type) {
    // A socket for each search: one that is kept would fill with old events in between.
    UeventSocket events = TRY(UeventSocket::open(sys_));
    SysfsBlocks blocks(sys_);
    BlkidProber prober;
    return Finder(blocks, prober, events, listener_).find(spec, deadline, want_type);
}

std::unique_ptr<DeviceFinder> make_kernel_devices(Sys& sys, UeventListener* listener) {
    return std::make_unique<KernelDevices>(sys, listener);
}

}  // namespace prologue
