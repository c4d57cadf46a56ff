// SPDX-License-Identifier: MIT
// What an image for the running machine gets of it: its config, its drivers and its key files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "images/archive.h"
#include "images/closure.h"
#include "images/host_config.h"
#include "images/machine/machine.h"
#include "images/problems.h"

namespace prologue::images {

// Of `--for`, in the place of a board's name.
inline constexpr std::string_view kHostBoard = "host";

// The config of the machine, planned. What is wrong with its crypttab, or with names that are none
// here, becomes a problem.
HostConfig plan_machine(const Machine& machine, const HostPlanOptions& options, Problems& problems);

// Adds the drivers of its disks, filesystems and keyboards. A line for each that this kernel does not have: it
// may be built in under another name.
std::vector<std::string> add_machine_drivers(const Machine& machine, const ModuleTree& tree,
                                             Closure& closure);

// Key files, each with a warning, and detached headers that its config names.
void add_machine_files(const Sysroot& sysroot, const Machine& machine, Archive& archive,
                       Problems& problems);

}  // namespace prologue::images
