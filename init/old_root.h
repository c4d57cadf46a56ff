// SPDX-License-Identifier: MIT
// The root that the kernel unpacked the archive into, when it is no longer `/`: its files are memory that
// nothing else gives back.
#pragma once

#include <cstddef>
#include <utility>

#include "init/base/fd.h"
#include "init/supervisor.h"

namespace prologue {

class OldRoot {
  public:
    // `root` is open on its directory.
    explicit OldRoot(Fd root) : root_(std::move(root)) {}

    // Leaves a child behind that empties it as soon as this process has executed another program, so that
    // the last step which can fail comes before what cannot be undone, and the real init does not wait
    // for it. The real init reaps the child, as every process that has lost its parent. Nothing else than
    // the standard descriptors and this directory stays open in it. Without memory for a child it is
    // emptied at once.
    void free_after_exec(Supervisor& supervisor);
    // The other program did not come: the child ends, and the files stay.
    void keep();

  private:
    Fd root_;
    Fd lifeline_;  // to the child; the exec closes it
};

// Removes everything on the filesystem of the directory `root_fd` is open on, never crossing into
// another one. The directory itself stays. False when something could not be removed.
bool empty_filesystem(int root_fd);

}  // namespace prologue
