// SPDX-License-Identifier: MIT
// The finder on the real machine: /sys, /dev, the uevent socket and libblkid.
#pragma once

#include <memory>

#include "init/base/sys.h"
#include "stages/device.h"
#include "stages/devices/uevent.h"

namespace prologue {

class KernelDevices final : public DeviceFinder {
  public:
    // `listener`, when not null, hears of every uevent that passes during a search.
    explicit KernelDevices(Sys& sys, UeventListener* listener = nullptr)
        : sys_(sys), listener_(listener) {}

    Result<Device> find(const DeviceSpec& spec, Instant deadline, bool want_type) override;

  private:
    Sys& sys_;
    UeventListener* listener_;
};

std::unique_ptr<DeviceFinder> make_kernel_devices(Sys& sys, UeventListener* listener = nullptr);

}  // namespace prologue
