// SPDX-License-Identifier: MIT
// A stage line that was typed, planned by the planner of the config: the same diagnostics, the same
// defaults. Pure: the shell asks it for `exec`, which it runs itself, and PID 1 for all others.
#pragma once

#include <string>

#include "init/plan.h"

namespace prologue::rescue {

// What a typed line may refer to.
struct TypedContext {
    const Settings& settings;  // of the config, or the defaults
    const config::Values& values;
    std::string board;  // its name
};

// The name under which a typed line stands in diagnostics.
inline constexpr Literal kTypedName = "(typed)";

// One step, or diagnostics. `line` must outlive the plan.
Plan plan_typed_line(const config::Source& line, const TypedContext& context);

// All of them, as the tools print them.
std::string render_all(const config::Diagnostics& diagnostics);

}  // namespace prologue::rescue
