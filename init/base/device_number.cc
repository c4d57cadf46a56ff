// SPDX-License-Identifier: MIT
#include "init/base/device_number.h"

#include <sys/sysmacros.h>

#include "init/base/compose.h"

namespace prologue {

std::string device_number_text(dev_t number) {
    return compose("{}:{}", std::to_string(major(number)), std::to_string(minor(number)));
}

}  // namespace prologue
