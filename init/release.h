// SPDX-License-Identifier: MIT
// The filesystems at the machine's end.
#pragma once

#include <vector>

#include "init/base/error.h"
#include "init/base/sys.h"

namespace prologue {

// Unmounts, the latest mount first, every filesystem that has something behind it: a disk, a server, a
// flash volume. One that is in use, such as the root, becomes read-only, so that it is left clean. Gives
// back what could be made neither. It waits as long as they do: for a child of PID 1, with a bound.
// Source: mount(2), umount2(2).
std::vector<Error> release_filesystems(Sys& sys);

}  // namespace prologue
