// SPDX-License-Identifier: MIT
// One boot as /run/prologue/timeline.json tells it; prologue(8) documents the form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostic.h"

namespace prologue::images {

struct TimelineStage {
    std::uint32_t line = 0;
    std::string keyword, text;
    double start = 0, end = 0, working = 0;  // microseconds of the kernel's clock
    std::uint32_t tries = 1;
    bool done = true;
};

struct TimelineFile {
    struct Milestone {
        std::string name;
        double at = 0;  // microseconds
    };
    std::vector<Milestone> milestones;  // the last is "end"
    std::vector<TimelineStage> stages;

    // The milestone of this name, 0 when there is none.
    [[nodiscard]] double at(std::string_view name) const;
};

// nullopt when `diagnostics` has errors: no JSON, another version, members that are missing or of the
// wrong kind, times that run backwards. Members that are not known are left alone.
std::optional<TimelineFile> read_timeline(const config::Source& source,
                                          config::Diagnostics& diagnostics);

}  // namespace prologue::images
