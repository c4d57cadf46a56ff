// SPDX-License-Identifier: MIT
// Keeps libkmod from reading the kernel command line. kmod_new() reads /proc/cmdline by that name
// and has no switch against it (libkmod 30, kmod_config_new()), but in a locked image its words
// must steer nothing. So the file is covered in a mount namespace of this process alone, for as
// long as that call takes.   Source: mount_namespaces(7), setns(2).
//
// Between the two calls nothing may be mounted: it would be gone afterwards.
#pragma once

#include "init/base/error.h"
#include "init/base/fd.h"

namespace prologue {

// Enters a new mount namespace, in which /proc/cmdline is empty. Gives the old one, for
// uncover_command_line(). Needs CAP_SYS_ADMIN, /dev/null and /proc.
Result<Fd> cover_command_line();
// Goes back; the working directory is "/" afterwards.
Result<> uncover_command_line(const Fd& namespace_before);

}  // namespace prologue
