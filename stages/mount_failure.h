// SPDX-License-Identifier: MIT
// What to do about a mount that failed.   Source: mount(2), fs/super.c of Linux.
#pragma once

#include <string>

#include <sys/types.h>

#include "init/base/literal.h"
#include "stages/build.h"
#include "stages/mounter.h"
#include "stages/stage.h"

namespace prologue::mount_failure {

inline constexpr Literal kLuksType = "crypto_LUKS";  // as libblkid names it
inline constexpr Literal kLuksHint =
    kHasDecrypt ? Literal("a 'decrypt' line before this one opens it")
                : Literal("this program was built without the stage that opens it");

// The hint for mount(2)'s errno. `number` is that of the block device, 0 for none: where its type may be
// what was wrong, the device is looked at, within a second.
std::string hint(int errnum, const MountRequest& request, dev_t number, StageContext& context);

}  // namespace prologue::mount_failure
