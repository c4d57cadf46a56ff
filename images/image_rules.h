// SPDX-License-Identifier: MIT
// What makes a finished tree bootable. The builder refuses to write a tree that breaks one of these
// rules, and `prologue check IMAGE` reports it: the same code, so that they cannot disagree.
#pragma once

#include "images/archive.h"
#include "images/problems.h"
#include "init/plan.h"
#include "init/startup.h"

namespace prologue::images {

// As an archive names the file that the init looks for.
inline constexpr std::string_view kLockedMarker = prologue::kLockedMarker.view().substr(1);
inline constexpr std::string_view kConfigPath = "etc/prologue.conf";
// The first that the kernel looks for on a root.
inline constexpr std::string_view kRootInitPath = "sbin/init";

// The init, /init or that of a root, is an executable regular file, and what it needs to start is in
// the image.
void check_init(const Archive& archive, Problems& problems, std::string_view path = "init");

// The init of the image is this program's.
bool has_our_init(const Archive& archive);

// A locked image has its config in it: neither the machine nor the command line may bring one, and the
// built-in one asks the command line for everything. Says nothing of an /init that is not ours.
void check_config_there(const Archive& archive, Problems& problems);

// No shell in a locked image, and no way to the built-in one.
void check_locked(const Archive& archive, Problems& problems);

// Programs and key files that the plan names are in the image, unless they lie on something
// mounted.
void check_plan_files(const Plan& plan, const Archive& archive, config::Diagnostics& diagnostics);

// A note where a `decrypt` line reads a key of the image: what the kernel frees of it is to be wiped.
// `words` is the kernel command line, where it is known.
void recommend_wiping(const Plan& plan, const config::CommandLine* words,
                      config::Diagnostics& diagnostics);

}  // namespace prologue::images
