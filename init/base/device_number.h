// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <sys/types.h>

namespace prologue {

// "254:3", as sysfs writes it and names by it.
std::string device_number_text(dev_t number);

}  // namespace prologue
