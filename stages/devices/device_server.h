// SPDX-License-Identifier: MIT
// Devices that appear while no stage waits for one: a person who is asked for a passphrase, or who is in a
// rescue shell, may be about to plug in a keyboard or a disk.
#pragma once

#include <csignal>

#include "init/base/clock.h"
#include "init/base/fd.h"
#include "init/base/sys.h"
#include "stages/devices/uevent.h"

namespace prologue {

// Lets `listener` look at what is there and then hear of each device that appears, until `end` can be
// read. A driver that is being loaded then comes to its end first: the probe of one that is killed fails,
// and is not tried again. Without the kernel's events it returns after the look. With `tells`, `end` is a
// socket, and its writing side is shut after the look.
// Source: kthread_create(), which is killable, in drivers/scsi/hosts.c, scsi_host_alloc().
void serve_devices(Sys& sys, UeventListener& listener, int end, bool tells = false);

// SIGTERM is no reason to break off either: whoever ends all processes gives them time first. Gives the
// set with that signal, for a signalfd.
sigset_t block_termination();

// The same in a process of its own: a driver that hangs while it is loaded holds up nobody else.
class DeviceServer {
  public:
    DeviceServer() = default;
    // The process ends by itself, behind the driver that it is at.
    ~DeviceServer() = default;
    DeviceServer(const DeviceServer&) = delete;
    DeviceServer& operator=(const DeviceServer&) = delete;

    // Begins, unless it has begun, and waits until it has looked at what is there, at most until
    // `deadline`. Both must outlive it. The process leads a group of its own, and has a copy of the
    // caller's memory and none of its descriptors but 0 to 2. Error: that of socketpair(2) or fork(2).
    Result<> begin(Sys& sys, UeventListener& listener, Instant deadline);

  private:
    Fd line_;
};

}  // namespace prologue
