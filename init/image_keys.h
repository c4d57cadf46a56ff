// SPDX-License-Identifier: MIT
// Key files that came with the image: nobody is to find them there once a shell opens or the real root
// has the machine. On a real root nothing is touched.
#pragma once

#include <string>
#include <vector>

#include "init/plan.h"
#include "init/supervisor.h"

namespace prologue {

#if PROLOGUE_DECRYPT
class ImageKeys final {
  public:
    // Both must outlive it.
    ImageKeys(Sys& sys, Supervisor& supervisor) : sys_(sys), supervisor_(supervisor) {}
    // Overwrites and removes the key files that the plan's `decrypt` lines read from the image, in a
    // child with a bound: a path may lead through a disk that does not answer.
    Result<> destroy(const Plan& plan, const config::Values& values);
    // Those that were there.
    [[nodiscard]] const std::vector<std::string>& gone() const { return gone_; }

  private:
    Sys& sys_;
    Supervisor& supervisor_;
    std::vector<std::string> gone_;
};
#else
// Without the stage no line reads a key.
class ImageKeys final {
  public:
    ImageKeys(Sys& /*sys*/, Supervisor& /*supervisor*/) {}
    Result<> destroy(const Plan& /*plan*/, const config::Values& /*values*/) { return {}; }
};
#endif

}  // namespace prologue
