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
    // `bound` is the stage's, for the message of a search that ran out of time. `listener`, when not
    // null, hears of every uevent that passes during a search.
    KernelDevices(Sys& sys, Duration bound, UeventListener* listener = nullptr)
        : sys_(sys), bound_(bound), listener_(listener) {}

    Result<Device> find(const DeviceSpec& spec, Instant deadline, bool want_type) override;
    DeviceSurvey survey(Instant deadline) override;
    Result<std::vector<std::string>> hibernated_beside(dev_t number) override;
    Result<std::vector<std::string>> btrfs_members(const std::string& path, Instant deadline,
                                                   bool wait) override;

  private:
    Sys& sys_;
    Duration bound_;
    UeventListener* listener_;
};

std::unique_ptr<DeviceFinder> make_kernel_devices(Sys& sys, Duration bound,
                                                  UeventListener* listener = nullptr);

}  // namespace prologue
