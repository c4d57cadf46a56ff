// SPDX-License-Identifier: MIT
// A filesystem that is mounted for one file, in mounts of this process's own. Unmounted when the object
// goes: a descriptor that is still open keeps the filesystem as long as it needs it.
#pragma once

#include <string>

#include "stages/stage.h"

namespace prologue {

class ForeignFiles {
  public:
    explicit ForeignFiles(StageContext& context) : context_(context) {}
    ForeignFiles(const ForeignFiles&) = delete;
    ForeignFiles& operator=(const ForeignFiles&) = delete;
    ~ForeignFiles();
    // Waits for the device, loads the driver and mounts it read-only. kRefused when it holds no
    // filesystem.
    Result<> mount(const std::string& spec);
    // Where a file of it is seen.
    [[nodiscard]] std::string path_of(const std::string& file) const;

  private:
    StageContext& context_;
    bool mounted_ = false;
};

}  // namespace prologue
