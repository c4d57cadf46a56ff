// SPDX-License-Identifier: MIT
// Devices that appear while no stage waits for one: a person who is asked for a passphrase, or who is in a
// rescue shell, may be about to plug in a keyboard or a disk.
#pragma once

#include <sys/types.h>

#include "init/base/clock.h"
#include "init/base/fd.h"
#include "init/base/sys.h"
#include "stages/devices/uevent.h"

namespace prologue {

// Lets `listener` look at what is there, shuts `looked`, and lets it hear of each device that appears,
// until the process is killed. Without the kernel's events it returns: there is nothing to hear then.
void serve_devices(Sys& sys, UeventListener& listener, Fd looked = {});

// The same in a process of its own: a driver that hangs while it is loaded holds up nobody else.
class DeviceServer {
  public:
    DeviceServer() = default;
    // Ends it, and does not wait for its end: a process that is loading a driver may take its time.
    ~DeviceServer();
    DeviceServer(const DeviceServer&) = delete;
    DeviceServer& operator=(const DeviceServer&) = delete;

    // Begins, unless it runs already, and waits until it has looked at what is there, at most until
    // `deadline`. Both must outlive it. The process has a copy of the caller's memory, and none of its
    // descriptors but 0 to 2. It ends with the caller.   Source: PR_SET_PDEATHSIG(2const).
    // Error: that of pipe2(2) or fork(2).
    Result<> begin(Sys& sys, UeventListener& listener, Instant deadline);

  private:
    pid_t pid_ = -1;
};

}  // namespace prologue
