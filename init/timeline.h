// SPDX-License-Identifier: MIT
// When each stage ran and what part of that it worked: one boot as JSON and as a line of the log. The
// form is documented in prologue(8).
#pragma once

#include <string>
#include <vector>

#include "init/base/sys.h"
#include "init/log.h"
#include "init/plan.h"

namespace prologue {

// Lies in /run, which the real root inherits.
inline constexpr Literal kTimelineFolder = "/run/prologue";
inline constexpr Literal kTimelinePath = "/run/prologue/timeline.json";

// One line of the config at work; its tries together.
struct StageTime {
    const Step* step = nullptr;
    Instant began{0}, ended{0};
    Instant used{0};  // processor time of its children; the rest of it was waiting
    unsigned tries = 0;
    bool succeeded = false;
};

// Filled by the executor. The steps must outlive it.
class Timeline {
  public:
    explicit Timeline(Sys& sys) : sys_(sys) {}
    // A try begins; behind one of the same step that has not ended it is a further one.
    void begin(const Step& step);
    // The step has come to its end, after its last try. Nothing to do for one that never began.
    void end(const Step& step, bool succeeded);
    // Before the steps go.
    void clear();
    [[nodiscard]] const std::vector<StageTime>& stages() const { return stages_; }

  private:
    Sys& sys_;
    std::vector<StageTime> stages_;
    const Step* running_ = nullptr;
};

// The boot as a whole. What the kernel did before is left to its log, and to those who draw: to look
// through the log costs more than all else that PID 1 does by itself.
struct BootTimes {
    Instant began{0};  // this program's start
    // What turns an instant of CLOCK_MONOTONIC into the kernel's own clock, which stamps its log.
    Instant shift{0};
};

std::string timeline_json(const std::vector<StageTime>& stages, const BootTimes& boot, Instant now);
// As much of it as a record of the log takes.
std::string timeline_line(const std::vector<StageTime>& stages, const BootTimes& boot, Instant now);

// Writes both. Best effort: what goes wrong is a line of the log, and never stops a boot.
void leave_timeline(const Timeline& timeline, const BootTimes& boot, Sys& sys, Log& log);

}  // namespace prologue
