// SPDX-License-Identifier: MIT
// The seam to libmount.
#pragma once

#include <string>
#include <string_view>

#include "init/base/error.h"

namespace prologue {

struct MountRequest {
    std::string source, target;
    std::string type;     // never empty: the stage has probed it
    std::string options;  // comma-separated, generic flags and the filesystem's own mixed
};

class Mounter {
  public:
    virtual ~Mounter() = default;
    // Mounts through libmount; its own message goes into the error's detail.
    virtual Result<> mount(const MountRequest& request) = 0;
    virtual Result<> unmount(const std::string& target) = 0;
};

}  // namespace prologue
