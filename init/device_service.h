// SPDX-License-Identifier: MIT
// The drivers of devices that appear while a person is in the rescue shell.
#pragma once

#include "config/cmdline.h"
#include "init/base/sys.h"
#include "init/supervisor.h"

namespace prologue {

// Looks at what is there, and then at each device that appears, until SIGTERM. Without the kernel's events
// it ends: there is nothing to hear then.
class DeviceService final : public SessionTask {
  public:
    // `built_in_words`: see make_kmod_loader(). Both must outlive it.
    DeviceService(Sys& sys, const config::CommandLine& built_in_words)
        : sys_(sys), built_in_words_(built_in_words) {}
    void run() override;

  private:
    Sys& sys_;
    const config::CommandLine& built_in_words_;
};

}  // namespace prologue
