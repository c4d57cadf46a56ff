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

// With the newest of the kernel's records since the stage began.
std::string format_failure(const Failure& failure, KernelLog& log);

// What a policy needs to know.
struct PolicyInput {
    OnFailure policy = OnFailure::kRescue;
    const Settings* settings = nullptr;
    bool locked = false;
};

// The end that a policy comes to when no shell opens.
StopKind stop_kind_of(OnFailure policy);

// "rebooting in 10 s (on-failure=reboot)". The time is the plan's failure delay, for which panic=N of the
// command line stands in.
std::string announce(const PolicyInput& input);

}  // namespace prologue
