// SPDX-License-Identifier: MIT
// From a plan to the modules it needs, for one kernel: `initramfs` packs them, `check -k` only asks
// whether they are there.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "images/closure.h"
#include "images/kernel_modules.h"
#include "images/problems.h"
#include "init/plan.h"

namespace prologue::images {

// What a plan names, before any kernel is looked at.
struct ModuleWish {
    std::string name;  // a module or an alias, or a filesystem type
    bool filesystem = false;
    config::Span where;  // the config's line; its source is null for what no line names
};
std::vector<ModuleWish> module_wishes(const Plan& plan);

// True when a line says `modules auto`: the image then carries a board's drivers, and the drivers of
// the filesystems that a root can have where a `mount` line leaves that to the device.
bool wants_coldplug(const Plan& plan);
// True for a `mount` line whose filesystem is what is found on the device at boot.
bool finds_filesystem(const Step& step);
// True for the alias "fs-TYPE" ("fs_TYPE" in an index) of a filesystem that lies on a disk.
bool is_alias_of_disk(std::string_view alias);
// What distributions install a root on, or start one from.
std::span<const Literal> root_filesystems();
// Their drivers, where a line says `modules auto` and another leaves the filesystem open.
void add_root_filesystems(const Plan& plan, Closure& closure);

// Adds all wishes to the closure. One that this kernel does not have is reported at its line, with
// the nearest name that it does have.
void add_wishes(const std::vector<ModuleWish>& wishes, const ModuleTree& tree, Closure& closure,
                config::Diagnostics& diagnostics);

// Warns at the first line that mounts what is found on a device when neither the kernel nor these
// modules can mount any disk's filesystem: the boot would find its root and not be able to use it.
void warn_of_no_filesystem(const Plan& plan, const ModuleTree& tree, const Closure& closure,
                           config::Diagnostics& diagnostics);

// Adds the modules of a board, those of watchdogs only where the config has one to feed; those that
// this kernel does not have are left out. Unknown: an error.
void add_board(std::string_view board, bool has_watchdog, Closure& closure, Problems& problems);

}  // namespace prologue::images
