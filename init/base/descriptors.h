// SPDX-License-Identifier: MIT
// Descriptors of a process that goes on beside the one that has forked it.
#pragma once

namespace prologue {

// Beside the three standard descriptors only `fd` stays, in the first place behind them, which is given
// back; -1 when it cannot be moved there. Before Linux 5.9 the others stay open, which O_CLOEXEC bounds.
// Source: close_range(2).
int keep_one_descriptor(int fd);

}  // namespace prologue
