// SPDX-License-Identifier: MIT
// What the tests of config texts share: a text to a plan, and its diagnostics as one text.
#pragma once

#include <string>

#include "config/cmdline.h"
#include "config/source.h"
#include "init/plan.h"

namespace prologue::tests {

// All diagnostics as the tools print them.
std::string rendered(const config::Diagnostics& diagnostics);

// The text of config/prelude.conf, which the unit tests must not need a build step for.
const config::Source& prelude_source();

// A plan and what it points into.
struct Planned {
    config::Source source;
    config::CommandLine command_line;
    Plan plan;

    Planned(std::string name, std::string text, std::string_view words = {});
    Planned(const Planned&) = delete;
    Planned& operator=(const Planned&) = delete;
    // Plans again with what the caller has changed in `input`.
    void replan();
    [[nodiscard]] std::string messages() const { return rendered(plan.diagnostics); }

    PlanInput input;
};

// The whole file below the tests' folder; empty when there is none.
std::string read_test_file(const std::string& name);

}  // namespace prologue::tests
