// SPDX-License-Identifier: MIT
// The hand-over: PID 1 itself leaves the initramfs for the new root and executes the real init. The
// stage's child has proved before that it can work; here the order is validate, mutate, destroy:
//   1. open the old root, make mounts private, end what still runs
//   2. move /dev /proc /sys /run, and whatever else is mounted there, as trees into the new root;
//      detach the rest. A failure so far is undone, and the initramfs lives on.
//   3. pivot_root where the kernel lets it out of rootfs (7.0 and later), else MS_MOVE and chroot
//   4. free the archive: every entry on the old root's own filesystem, through the descriptor. A child
//      beside the real init would save it that time (38 ms for 400 modules, counted), but an init that
//      starts many processes at once runs out of memory meanwhile, the child is what the kernel ends
//      then, and a program that stands as PID 1 and waits for any child of its own gets this one.
//   5. consoles, signals, limits, umask as the kernel gave them; exec. systemd gets the options that
//      its own initrd gives it
#pragma once

#include "init/base/mountinfo.h"
#include "init/executor.h"
#include "init/supervisor.h"

namespace prologue {

struct HandOver {
    std::string new_root;   // mount point, checked
    std::string init_path;  // inside it, checked by trial
    std::string last_line;  // for the log, once nothing can fail any more but the exec
    Instant began{};        // when this program did: for systemd
    char* const* argv = nullptr;
    char* const* envp = nullptr;
};

// Returns only when it failed.
Error hand_over(const HandOver& order, Sys& sys, Supervisor& supervisor, Log& log);

// Step 2 alone: moves or detaches every mount of `mounts` that is neither `/` nor below new_root. Gives
// back the mount points that were moved; after an error all of them are where they were.
Result<std::vector<std::string>> move_mounts(const std::vector<MountEntry>& mounts,
                                             const std::string& new_root, Sys& sys, Log& log);

// Removes everything on the filesystem of the directory `root_fd` is open on, never crossing into
// another one; counts what could not be removed. The directory itself stays.
std::size_t empty_filesystem(int root_fd);

}  // namespace prologue
