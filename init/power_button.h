// SPDX-License-Identifier: MIT
// The power button: KEY_POWER of the input devices.
// Source: Linux Documentation/input/input.rst and event-codes.rst, netlink(7).
//
// It costs nothing before arm(): a boot that is fast enough never looks for a button. The drivers
// (`button` and `evdev`, where they are modules) are the config's to load; buttons that appear
// later are noticed. Which device has the key, sysfs says: to open one wakes it up and to close it
// again takes the kernel tens of milliseconds, so that only buttons are opened.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <poll.h>

#include "init/base/fd.h"
#include "init/base/sys.h"
#include "init/log.h"

namespace prologue {

class PowerButton {
  public:
    // `sys` and `log` must outlive it. Each button that is found is a line at debug level.
    PowerButton(Sys& sys, Log& log) : sys_(sys), log_(log) {}

    // Opens the buttons that are there and watches for others. Once armed it stays so. Without
    // uevents, or without /dev, there is just no button: nothing of it is an error.
    void arm();
    // Entries for the devices and for the uevents; none before arm().
    void add_poll_entries(std::vector<pollfd>& entries) const;
    // Reads what has come. True when a power button was pressed (not when it was let go).
    bool take_press();

  private:
    void look_for_devices();
    bool read_device(Fd& device);

    Sys& sys_;
    Log& log_;
    Fd uevents_;
    std::vector<std::string> looked_at_;  // "event0"
    std::vector<Fd> devices_;             // the buttons among them
    bool armed_ = false;
};

// From the capabilities/key of an input device in sysfs: the words of a bitmap, the highest first.
bool has_power_key(std::string_view capabilities);

}  // namespace prologue
