// SPDX-License-Identifier: MIT
// The config of an image that has none: config/default.conf, with what only the command line of this
// boot can say.   Source: Linux Documentation/admin-guide/kernel-parameters.txt (root=, rootwait …),
// dracut.cmdline(7) and systemd-cryptsetup-generator(8) (rd.luks.uuid=, rd.luks.name=).
#pragma once

#include "config/cmdline.h"
#include "config/source.h"

namespace prologue {

// Pure. What the words say wrongly (no UUID, no name) is a mistake in the text that comes out, at which
// the planner points.
config::Source default_config(const config::CommandLine& words);

// True for what default_config() has made.
bool is_default_config(const config::Source& config);

}  // namespace prologue
