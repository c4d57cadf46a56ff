// SPDX-License-Identifier: MIT
// One boot on the made-up machine: what PID 1 does from its first mount to the moves of the
// hand-over, with a config and perhaps a fault.
//
// The first lines of a trace's config may say more about the machine, a line each:
//   # fail=3rd mount ENODEV       the third call of that kind fails; kinds are the trace's first words
//   # cmdline=ro init=/bin/sh     the kernel command line
//   # root=ext4                   what `/` is: rootfs (default), tmpfs, ext4
//   # file=/path TEXT             a file in `/`;  # dir=/path   a directory
//   # type=vdf swsuspend          what is on a disk of the table
//   # typed=wrong right           the passphrases that somebody types; "right" opens every container
//   # locked                      the image is locked
#pragma once

#include <string>
#include <vector>

#include "tests/trace/fakes.h"

namespace prologue::fake {

struct Scenario {
    std::string name;  // "001_minimal.conf"
    std::string conf;
    bool has_everything = false;  // the machine has each module and each disk that is named
};

struct BootResult {
    std::string trace;
    bool config_is_good = false;
    Ending ending = Ending::kNone;
    bool handed_over = false;  // every mount was moved: what follows is the exec
    bool complained = false;   // a warning or an error was shown
    std::size_t calls = 0;
    std::string faulted_call;       // "mount tmpfs on /run"; empty when the fault was never reached
    std::vector<std::string> acts;  // the calls that change something
    std::vector<std::string> targets_before;  // mount points before and after the hand-over
    std::vector<std::string> targets_after;
};

// `failing_call` counts all calls from 1; 0 puts no fault on any but what the config itself says.
BootResult run_boot(const Scenario& scenario, std::size_t failing_call = 0);

// Adds the disks, the API filesystems and the initramfs that every scenario starts with.
void fill_machine(Machine& machine);

// All configs in a folder, sorted by name; `folder` is relative to the tests' own.
std::vector<Scenario> scenarios_in(const std::string& folder);

}  // namespace prologue::fake
