// SPDX-License-Identifier: MIT
// The prelude (config/prelude.conf): PID 1 itself mounts /dev, /proc and /sys before it parses any
// config, since the command line, the log and the consoles are read through them. The lines are the
// only place where their options are written.
#pragma once

#include "config/source.h"
#include "init/base/error.h"
#include "init/base/mountinfo.h"
#include "init/base/sys.h"
#include "stages/stage.h"

namespace prologue {

// The compiled-in text under the name "(prelude)". The caller keeps it as long as its plan.
config::Source prelude_source();

// Mounts the lines of the prelude that name /dev, /proc and /sys. A directory that has such a mount
// already (devtmpfs of a real root) is left alone. Every line is tried; the first error is given back.
Result<> mount_early_prelude(const config::Source& prelude, Sys& sys);

// Mounts a step that the prelude brought (/run). PID 1 does it itself: the line is compiled in, reads
// no device and runs no foreign code, so a child would guard against nothing.
Result<StageOutcome> run_prelude(const Step& step, Sys& sys);

// True when the step's directory already carries a mount of the step's type.
bool prelude_is_mounted(const Step& step, const std::vector<MountEntry>& mounts);

// "nosuid,mode=0755" as mount(2) takes it: known generic words become flags, the rest data.
MountCall mount_call(std::string_view type, std::string_view target, std::string_view options);

}  // namespace prologue
