// SPDX-License-Identifier: MIT
// The new root's own names of encrypted disks.   Source: crypttab(5).
#pragma once

#include "stages/mounter.h"
#include "stages/stage.h"

namespace prologue {

// After a filesystem was mounted from the mapping `number`: gives the mapping the name that the
// filesystem's /etc/crypttab has for its container, by which the real init will look for it, and puts
// the new path into the request. Unless exactly one line is about the container, the old name stays. An
// error has changed nothing: ENOENT when there is no such file, EBUSY when the name is taken.
Result<> take_crypttab_name(MountRequest& request, dev_t number, StageContext& context);

}  // namespace prologue
