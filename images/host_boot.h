// SPDX-License-Identifier: MIT
// `prologue boot --host`: a boot of this machine in a virtual one that can read its disks and not write
// them.
#pragma once

#include "images/machine/sysroot.h"
#include "images/problems.h"
#include "images/qemu.h"
#include "init/base/error.h"

namespace prologue::images {

// Adds the machine's disks, kernel and command line to a request. The disks are not opened yet. kRefused
// when the request's further arguments for QEMU could reach a disk on another way.
Result<> add_machine(const Sysroot& machine, BootRequest& request);

// Opens the disks of the request, for reading only. The descriptors are for QEMU, which gets them instead of
// the paths, and so can do no more than they do, whatever its monitor is told.
Result<> open_disks(BootRequest& request);

// What the user has to know of such a boot.
void explain_host_boot(const BootRequest& request, Problems& notes);

}  // namespace prologue::images
