// SPDX-License-Identifier: MIT
// A btrfs that gets a second device while it is in use.
#pragma once

// Adds /dev/vdb to the btrfs at /grown: `btrfs device add`.
int grow_btrfs(void);
// Lets the kernel forget every btrfs that is not mounted, as if it had just started:
// `btrfs device scan --forget`.
int forget_btrfs(void);
