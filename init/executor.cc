// SPDX-License-Identifier: MIT
#include "init/executor.h"

#include "config/diagnostic.h"
#include "init/base/compose.h"
#include "init/base/path.h"
#include "init/prelude.h"
#include "stages/stages.h"

namespace prologue {
namespace {

// The directory of the plan's switch_root; its root mounts are read-only by default.
std::string switch_root_directory(const Plan& plan, const config::Values& values) {
    for (const Step& step : plan.steps) {
        if (step.type->ending != Ending::kSwitchRoot) continue;
        const config::Word* word = step.find(0);
        const Result<std::string> text =
            word != nullptr ? config::expand(*word, values) : Result<std::string>(std::string());
        return text ? plain_path(*text) : std::string();
    }
    return {};
}

// A second try cannot change these. Where a child is stuck in what outlives it, that may still come
// true, on top of the second try's.
bool is_final(const Error& error, const Step& step) {
    if (error->kind == ErrorKind::kStuck) return step.type->undo != nullptr;
    return error->kind == ErrorKind::kRefused || error->kind == ErrorKind::kConfig ||
           error->kind == ErrorKind::kStopped;
}

}  // namespace

std::optional<std::string> reason_to_skip(const Step& step, Sys& sys) {
    if (!step.when || step.when->kind != Condition::Kind::kExists) return std::nullopt;
    const bool exists = sys.stat(step.when->subject).has_value();
    if (exists != step.when->negated) return std::nullopt;
    return step.when->subject + (exists ? " exists" : " does not exist");
}

PlanEnd::PlanEnd() = default;
PlanEnd::PlanEnd(PlanEnd&& other) noexcept = default;
PlanEnd& PlanEnd::operator=(PlanEnd&& other) noexcept = default;
PlanEnd::~PlanEnd() = default;

Executor::Executor(Sys& sys, StageRunner& runner, Log& log, config::Values& values)
    : sys_(sys), runner_(runner), log_(log), values_(values), timeline_(sys) {}

// One look serves all of the prelude: its lines come first, each with a directory of its own.
bool Executor::is_mounted_already(const Step& step) {
    if (!first_mounts_) first_mounts_ = read_mounts(sys_).value_or(std::vector<MountEntry>());
    return prelude_is_mounted(step, *first_mounts_);
}

Result<StageOutcome> Executor::run_with_retries(const Step& step, Instant& began) {
    for (unsigned left = step.retries;; --left) {
        began = sys_.now();
        log_.mark();
        log_start(step);
        if (!is_typed_) timeline_.begin(step);  // which keeps the step
        const Instant deadline = deadline_after(began, step.timeout);
        const StageRun run{step,     values_,      known_,         new_root_,
                           deadline, asks_again(), serves_devices_};
        Result<StageOutcome> result = runner_.run(run);
        if (result || left == 0 || is_final(result.error(), step)) return result;
        log_.write(LogLevel::kWarning, compose("{}; trying again, {} left",
                                               describe(result.error()), std::to_string(left)));
    }
}

bool Executor::asks_again() const {
    if (plan_ == nullptr) return false;
    for (std::size_t later = place_ + 1; later < plan_->steps.size(); ++later) {
        if (plan_->steps[later].ask) return true;
    }
    return false;
}

Result<> Executor::start_service(const Step& step) {
    if (step.type->service == nullptr) return {};
    const Arguments arguments = TRY(Arguments::expand(step, values_));
    const ServiceOrder order = step.type->service(arguments, runner_.environment());
    if (order.is_shell() && plan_ != nullptr) end_secrets(*plan_);
    return runner_.start_service(order);
}

// A fact is data from a child that read foreign disks: it is checked before anybody builds on it.
Result<> Executor::keep_fact(const Step& step, const StageOutcome& outcome) {
    if (!outcome.device && step.yields.empty()) return {};
    if (!outcome.device) return fail(Error::internal("fact", "the stage yielded no device"));
    const Device& device = *outcome.device;
    const Result<FileInfo> node = sys_.lstat(device.path);
    if (!path_is_below(device.path, "/dev") || !node || node->type != FileType::kBlock ||
        node->node != device.number) {
        return fail(
            Error::refused("fact", device.path, "is not the block device that was reported"));
    }
    if (step.yields.empty()) {
        follow_rename(device);
        return {};
    }
    values_.set_fact(step.yields, device.path);
    known_.push_back(device);
    return {};
}

void Executor::follow_rename(const Device& device) {
    for (Device& known : known_) {
        if (known.number != device.number) continue;
        for (config::NamedValue& fact : values_.facts) {
            if (fact.value == known.path) fact.value = device.path;
        }
        known.path = device.path;
    }
}

// With prologue.log=debug, so that the line that a boot hangs in is on the screen while it hangs.
void Executor::log_start(const Step& step) {
    if (!log_.wants_debug()) return;
    const config::Span& line = step.line;
    const std::string text = line.source->text.substr(line.offset, line.length);
    const std::string bound =
        step.timeout == kForever ? "without a bound" : "within " + format_duration(step.timeout);
    log_.write(LogLevel::kDebug,
               compose("line {}: {}: begins, {}", std::to_string(config::position_of(line).line),
                       text, bound));
}

void Executor::log_success(const Step& step, const StageOutcome& outcome, Instant began) {
    if (outcome.skipped) {
        log_.write(LogLevel::kInfo,
                   compose("{} skipped: {}", step.type->keyword.str(), outcome.summary));
        return;
    }
    if (step.type->ending != Ending::kNone) return;  // PID 1 says the last line itself
    std::string line(step.type->keyword.view());
    if (!outcome.summary.empty()) line += " " + outcome.summary;
    if (!step.yields.empty()) line += " -> " + step.yields;
    log_.write(step.prelude ? LogLevel::kDebug : LogLevel::kInfo,
               compose("{}, {}", line, format_milliseconds(sys_.now() - began)));
}

void Executor::keep_state(StepState& state, const Result<StageOutcome>& result, Instant began) {
    state.kind = !result           ? StepState::Kind::kFailed
                 : result->skipped ? StepState::Kind::kSkipped
                                   : StepState::Kind::kDone;
    state.took = sys_.now() - began;
    state.error = result ? std::string() : describe(result.error());
}

Result<StageOutcome> Executor::run_step(const Step& step, StepState& state) {
    Instant began = sys_.now();
    Result<StageOutcome> result =
        step.prelude ? run_prelude(step, sys_) : run_with_retries(step, began);
    if (result) {
        serves_devices_ = serves_devices_ || result->serves_devices;
        Result<> done = keep_fact(step, *result);
        if (done && !result->skipped) done = start_service(step);
        if (!done) result = fail(done.error());
    }
    timeline_.end(step, result.has_value());
    if (result) {
        for (const std::string& warning : result->warnings) log_.write(LogLevel::kWarning, warning);
        log_success(step, *result, began);
    }
    keep_state(state, result, began);
    return result;
}

PlanEnd Executor::run(const Plan& plan, std::size_t first) {
    plan_ = &plan;
    PlanEnd end = run_steps(plan, first);
    plan_ = nullptr;
    end_secrets(plan);
    return end;
}

void Executor::end_secrets(const Plan& plan) {
    const Result<> ended = runner_.end_secrets(plan, values_);
    if (!ended) log_.write(LogLevel::kError, describe(ended.error()));
}

PlanEnd Executor::run_steps(const Plan& plan, std::size_t first) {
    PlanEnd end;
    new_root_ = switch_root_directory(plan, values_);
    states_.resize(plan.steps.size());
    for (place_ = first; place_ < plan.steps.size(); ++place_) {
        const Step& step = plan.steps[place_];
        StepState& state = states_[place_];
        if (plan.break_before == place_ && !std::exchange(broke_, true)) {
            end.pause = Pause::kBreak;
            return end;
        }
        if (step.prelude && is_mounted_already(step)) {
            state.kind = StepState::Kind::kSkipped;
            continue;
        }
        Result<StageOutcome> result = run_step(step, state);
        if (result) {
            if (!result->skipped && step.type == &kShellStage) {
                end.pause = Pause::kShell;
                return end;
            }
            if (result->skipped || step.type->ending == Ending::kNone) continue;
            end.ending = step.type->ending;
            end.hand_over = std::move(*result);
            return end;
        }
        if (policy_of(step, plan.settings) == OnFailure::kContinue &&
            result.error()->kind != ErrorKind::kStopped) {
            log_.write(LogLevel::kWarning,
                       describe(result.error()) + "; going on (on-failure=continue)");
            continue;
        }
        end.failure = Failure{&step, std::move(result).error()};
        return end;
    }
    end.failure = Failure{nullptr, Error::internal("plan", "has no ending stage")};
    return end;
}

PlanEnd Executor::run_typed(const Step& step) {
    PlanEnd end;
    StepState state;
    is_typed_ = true;
    Result<StageOutcome> result = run_step(step, state);
    is_typed_ = false;
    if (!result) {
        end.failure = Failure{&step, std::move(result).error()};
        return end;
    }
    end.ending = result->skipped ? Ending::kNone : step.type->ending;
    end.hand_over = std::move(*result);
    return end;
}

Result<StageOutcome> run_stage_here(const Step& step, StageContext& context) {
    // Here and not in PID 1: the path may lie on a disk that does not answer.
    if (std::optional<std::string> reason = reason_to_skip(step, context.sys)) {
        StageOutcome outcome;
        outcome.summary = std::move(*reason);
        outcome.skipped = true;
        return outcome;
    }
    Result<Arguments> arguments = Arguments::expand(step, context.values);
    if (arguments) return step.type->run(*arguments, context);
    explain_unset(step, context, arguments.error());
    return fail(std::move(arguments).error());
}

}  // namespace prologue
