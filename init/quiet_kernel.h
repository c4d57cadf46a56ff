// SPDX-License-Identifier: MIT
// While a person types on a console, the kernel shows there only what is worse than an error, and what it
// showed before afterwards.   Source: proc(5), /proc/sys/kernel/printk.
#pragma once

#include <string>

#include "init/base/sys.h"

namespace prologue {

class QuietKernel {
  public:
    // Best effort: a kernel that cannot be asked stays as loud as it is.
    explicit QuietKernel(Sys& sys);
    ~QuietKernel();
    QuietKernel(const QuietKernel&) = delete;
    QuietKernel& operator=(const QuietKernel&) = delete;

  private:
    Sys& sys_;
    std::string before_;  // empty: nothing was changed
};

}  // namespace prologue
