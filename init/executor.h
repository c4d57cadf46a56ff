// SPDX-License-Identifier: MIT
// Runs a plan: one step after the other, each in a child of its own, with its deadline, its retries
// and its failure policy. Knows nothing of processes: StageRunner does, and the fake system of the
// tests is another one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/values.h"
#include "init/base/mountinfo.h"
#include "init/base/sys.h"
#include "init/log.h"
#include "init/plan.h"
#include "init/timeline.h"

namespace prologue {

// What a runner gets for one try of one step.
struct StageRun {
    const Step& step;
    const config::Values& values;
    const std::vector<Device>& known;
    std::string new_root;         // switch_root's directory, or empty
    Instant deadline;             // the stage's own; the runner adds its grace
    bool asks_again = false;      // a later step of the plan asks a person as well
    bool serves_devices = false;  // an earlier stage wants drivers loaded for what appears
};

class StageRunner {
  public:
    virtual ~StageRunner() = default;
    // The stage's outcome, its error, or what became of its child (kCrashed, kTimeout, kStuck).
    virtual Result<StageOutcome> run(const StageRun& run) = 0;
    // Starts what a stage has asked for, which stays.
    virtual Result<> start_service(const ServiceOrder& order) = 0;
    // PID 1's own, for what is started.
    virtual char* const* environment() = 0;
    // What steps keep for each other and nobody else may have is wiped, for good: a shell opens, the
    // plan has come to its end, or a policy acts. That is the passphrase that was typed, and the key
    // files of the image that the plan names.
    virtual Result<> end_secrets(const Plan& plan, const config::Values& values) = 0;
};

struct Failure {
    const Step* step = nullptr;  // null: before any step
    Error error;
};

// Why a plan stands still though nothing has failed.
enum class Pause : std::uint8_t {
    kNone,
    kBreak,  // before the step of prologue.break=
    kShell,  // at a `shell` line
};

// How a plan ended. PID 1 acts on it.
struct PlanEnd {
    PlanEnd();
    PlanEnd(PlanEnd&& other) noexcept;
    PlanEnd& operator=(PlanEnd&& other) noexcept;
    PlanEnd(const PlanEnd&) = delete;
    PlanEnd& operator=(const PlanEnd&) = delete;
    ~PlanEnd();

    Ending ending = Ending::kNone;  // kNone: it failed, or stands still
    StageOutcome hand_over;         // of switch_root
    std::optional<Failure> failure;
    Pause pause = Pause::kNone;
};

// What has become of a step, for a person who asks.
struct StepState {
    enum class Kind : std::uint8_t { kPending, kDone, kSkipped, kFailed };
    Kind kind = Kind::kPending;
    Instant took{0};
    std::string error;  // kFailed
};

class Executor {
  public:
    // All references must outlive the executor. `values` gets the facts that stages yield.
    Executor(Sys& sys, StageRunner& runner, Log& log, config::Values& values);
    // Runs from step `first` until an ending step succeeded, a step failed whose policy is not
    // `continue`, or the plan stands still; it breaks at most once.
    PlanEnd run(const Plan& plan, std::size_t first = 0);
    // As run() does at its end: for a shell that opens before it.
    void end_secrets(const Plan& plan);
    // Runs a step that is none of the plan's: of a line that a person has typed.
    PlanEnd run_typed(const Step& step);
    // The step that run() has come to.
    [[nodiscard]] std::size_t place() const { return place_; }
    // Of the steps of the plan that run() was given last.
    [[nodiscard]] const std::vector<StepState>& states() const { return states_; }
    // Of what has run so far.
    [[nodiscard]] const Timeline& timeline() const { return timeline_; }
    // True once a stage wants drivers loaded for what appears.
    [[nodiscard]] bool serves_devices() const { return serves_devices_; }
    // Before the plan goes that run() was given last.
    void forget_plan() { timeline_.clear(); }

  private:
    Result<StageOutcome> run_step(const Step& step, StepState& state);
    void keep_state(StepState& state, const Result<StageOutcome>& result, Instant began);
    bool is_mounted_already(const Step& step);
    Result<StageOutcome> run_with_retries(const Step& step, Instant& began);
    PlanEnd run_steps(const Plan& plan, std::size_t first);
    [[nodiscard]] bool asks_again() const;
    Result<> start_service(const Step& step);
    Result<> keep_fact(const Step& step, const StageOutcome& outcome);
    void follow_rename(const Device& device);
    void log_start(const Step& step);
    void log_success(const Step& step, const StageOutcome& outcome, Instant began);

    Sys& sys_;
    StageRunner& runner_;
    Log& log_;
    config::Values& values_;
    Timeline timeline_;
    std::vector<Device> known_;
    std::string new_root_;
    const Plan* plan_ = nullptr;  // while run() is at it
    std::vector<StepState> states_;
    std::size_t place_ = 0;
    bool broke_ = false;
    bool is_typed_ = false;
    bool serves_devices_ = false;
    std::optional<std::vector<MountEntry>> first_mounts_;
};

// What when=exists: says against the step, or nothing. The other conditions are the planner's.
std::optional<std::string> reason_to_skip(const Step& step, Sys& sys);

// Runs a step where it is called: in a child of PID 1, or in the fake system. One whose when=exists:
// does not hold comes back as skipped.
Result<StageOutcome> run_stage_here(const Step& step, StageContext& context);

}  // namespace prologue
