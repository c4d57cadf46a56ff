// SPDX-License-Identifier: MIT
// The name /sbin/modprobe: what the kernel itself calls to ask for a module, a filesystem type, a
// cipher or a character set.   Source: kernel/module/kmod.c, call_modprobe().
#pragma once

namespace prologue {

// Accepts `modprobe -q -- ALIAS`, loads it through libkmod, and refuses everything else.
// Exit status: 0 loaded, 1 not, 2 usage.
int modprobe_main(int argc, char** argv);

}  // namespace prologue
