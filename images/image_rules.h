// SPDX-License-Identifier: MIT
// What makes a finished tree bootable. The builder refuses to write a tree that breaks one of these
// rules, and `prologue check IMAGE` reports it: the same code, so that they cannot disagree.
#pragma once

#include "images/archive.h"
#include "images/problems.h"
#include "init/plan.h"

namespace prologue::images {

inline constexpr std::string_view kLockedMarker = "etc/prologue.locked";
inline constexpr std::string_view kConfigPath = "etc/prologue.conf";

// /init is an executable regular file, and what it needs to start is in the image.
void check_init(const Archive& archive, Problems& problems);

// No shell in a locked image, and no way to the built-in one.
void check_locked(const Archive& archive, Problems& problems);

// Programs and key files that the plan names are in the image, unless they lie on something
// mounted.
void check_plan_files(const Plan& plan, const Archive& archive, config::Diagnostics& diagnostics);

}  // namespace prologue::images
