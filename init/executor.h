// SPDX-License-Identifier: MIT
// Runs a plan: one step after the other, each in a child of its own, with its deadline, its retries
// and its failure policy. Knows nothing of processes: StageRunner does, and the fake system of the
// tests is another one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/values.h"
#include "init/base/sys.h"
#include "init/log.h"
#include "init/plan.h"

namespace prologue {

// What a runner gets for one try of one step.
struct StageRun {
    const Step& step;
    const config::Values& values;
    const std::vector<Device>& known;
    std::string new_root;  // switch_root's directory, or empty
    Instant deadline;      // the stage's own; the runner adds its grace
};

class StageRunner {
  public:
    virtual ~StageRunner() = default;
    // The stage's outcome, its error, or what became of its child (kCrashed, kTimeout).
    virtual Result<StageOutcome> run(const StageRun& run) = 0;
};

struct Failure {
    const Step* step = nullptr;  // null: before any step
    Error error;
};

// How a plan ended. PID 1 acts on it.
struct PlanEnd {
    Ending ending = Ending::kNone;  // kNone: it failed
    StageOutcome hand_over;         // of switch_root
    std::optional<Failure> failure;
};

class Executor {
  public:
    // All references must outlive the executor. `values` gets the facts that stages yield.
    Executor(Sys& sys, StageRunner& runner, Log& log, config::Values& values);
    // Runs until an ending step succeeded or a step failed whose policy is not `continue`.
    PlanEnd run(const Plan& plan);

  private:
    bool is_wanted(const Step& step);
    Result<StageOutcome> run_with_retries(const Step& step, Instant& began);
    Result<> keep_fact(const Step& step, const StageOutcome& outcome);
    void log_success(const Step& step, const StageOutcome& outcome, Instant began);

    Sys& sys_;
    StageRunner& runner_;
    Log& log_;
    config::Values& values_;
    std::vector<Device> known_;
    std::string new_root_;
};

// Runs a step where it is called: in a child of PID 1, or in the fake system.
Result<StageOutcome> run_stage_here(const Step& step, StageContext& context);

}  // namespace prologue
