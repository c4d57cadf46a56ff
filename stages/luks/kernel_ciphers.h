// SPDX-License-Identifier: MIT
// What the kernel lacks for a cipher of dm-crypt.
#pragma once

#include <string>

#include "init/base/sys.h"

namespace prologue {

// `cipher` as a LUKS header has it: "serpent-xts-plain64". Names the part that /proc/crypto does not
// list, with its module and its option of the kernel's configuration; empty when all are there, or
// when the part is none that this program knows.
std::string hint_for_cipher(const std::string& cipher, Sys& sys);

}  // namespace prologue
