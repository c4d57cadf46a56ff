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
    bool locked = false;
};

// "rebooting in 10 s (on-failure=reboot)", or what a key does. The time is the plan's failure delay,
// for which panic=N of the command line stands in.
std::string announce(const PolicyInput& input, bool can_ask);

}  // namespace prologue
