// SPDX-License-Identifier: MIT
// What a person sees when a boot fails, and what the machine does then.
#pragma once

#include <string>
#include <vector>

#include "init/executor.h"
#include "init/log.h"
#include "init/supervisor.h"

namespace prologue {

// The failure block:
//   /etc/prologue.conf:5:1: error: mount: timed out
//       5 | mount UUID=… /newroot
//         | ^~~~~
//     seen: /dev/vdb: ext4, UUID=…
//     kernel: [1.234567] virtio_blk virtio1: …
//     hint: …
std::string format_failure(const Failure& failure, const std::vector<std::string>& kernel_records);

// What a policy needs to know.
struct PolicyInput {
    OnFailure policy = OnFailure::kRescue;
    const Settings* settings = nullptr;
    const config::CommandLine* command_line = nullptr;
    bool locked = false;
};

// How long a failure is shown before the machine goes: panic=N of the command line replaces
// `set failure-delay`; a negative N means at once. panic=0 asks the kernel to wait for ever, which no
// unattended machine wants from an init that knows better: it keeps the file's delay.
Duration failure_delay(const PolicyInput& input);

// "rebooting in 10 s (on-failure=reboot)", or what a key does.
std::string announce(const PolicyInput& input, bool can_ask);

}  // namespace prologue
