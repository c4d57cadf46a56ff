// SPDX-License-Identifier: MIT
#include "init/executor.h"

#include "config/diagnostic.h"
#include "init/base/path.h"
#include "init/prelude.h"

namespace prologue {
namespace {

std::string milliseconds(Instant span) {
    return std::to_string(std::chrono::duration_cast<Duration>(span).count()) + " ms";
}

// The directory of the plan's switch_root; its root mounts are read-only by default.
std::string switch_root_directory(const Plan& plan, const config::Values& values) {
    for (const Step& step : plan.steps) {
        if (step.type->ending != Ending::kSwitchRoot) continue;
        const config::Word* word = step.find(0);
        const Result<std::string> text = word != nullptr ? config::expand(*word, values)
                                                         : Result<std::string>(std::string());
        return text ? plain_path(*text) : std::string();
    }
    return {};
}

// A second try cannot change these.
bool is_final(const Error& error) {
    return error.kind == ErrorKind::kRefused || error.kind == ErrorKind::kConfig ||
           error.kind == ErrorKind::kStopped;
}

}  // namespace

Executor::Executor(Sys& sys, StageRunner& runner, Log& log, config::Values& values)
    : sys_(sys), runner_(runner), log_(log), values_(values) {}

bool Executor::is_wanted(const Step& step) {
    if (!step.when || step.when->kind != Condition::Kind::kExists) return true;
    const bool exists = sys_.stat(step.when->subject).has_value();
    if (exists == step.when->negated) {
        log_.write(LogLevel::kInfo, std::string(step.type->keyword.view()) + " skipped: " +
                                        step.when->subject +
                                        (exists ? " exists" : " does not exist"));
        return false;
    }
    return true;
}

Result<StageOutcome> Executor::run_with_retries(const Step& step, Instant& began) {
    for (unsigned left = step.retries;; --left) {
        began = sys_.now();
        log_.mark();
        const StageRun run{step, values_, known_, new_root_, deadline_after(began, step.timeout)};
        Result<StageOutcome> result = runner_.run(run);
        if (result || left == 0 || is_final(result.error())) return result;
        log_.write(LogLevel::kWarning, describe(result.error()) + "; trying again, " +
                                           std::to_string(left) + " left");
    }
}

// A fact is data from a child that read foreign disks: it is checked before anybody builds on it.
Result<> Executor::keep_fact(const Step& step, const StageOutcome& outcome) {
    if (step.yields.empty()) return {};
    if (!outcome.device) return fail(Error::internal("fact", "the stage yielded no device"));
    const Device& device = *outcome.device;
    const Result<FileInfo> node = sys_.lstat(device.path);
    if (!path_is_below(device.path, "/dev") || !node || node->type != FileType::kBlock ||
        node->node != device.number) {
        return fail(Error::refused("fact", device.path, "is not the block device that was reported"));
    }
    values_.set_fact(step.yields, device.path);
    known_.push_back(device);
    return {};
}

void Executor::log_success(const Step& step, const StageOutcome& outcome, Instant began) {
    if (step.type->ending != Ending::kNone) return;  // PID 1 says the last line itself
    std::string line(step.type->keyword.view());
    if (!outcome.summary.empty()) line += " " + outcome.summary;
    if (!step.yields.empty()) line += " -> " + step.yields;
    log_.write(step.prelude ? LogLevel::kDebug : LogLevel::kInfo,
               line + ", " + milliseconds(sys_.now() - began));
}

PlanEnd Executor::run(const Plan& plan) {
    PlanEnd end;
    new_root_ = switch_root_directory(plan, values_);
    for (const Step& step : plan.steps) {
        if (!is_wanted(step)) continue;
        if (step.prelude && prelude_is_mounted(step, sys_)) continue;
        Instant began = sys_.now();
        Result<StageOutcome> result =
            step.prelude ? run_prelude(step, sys_) : run_with_retries(step, began);
        if (result) {
            const Result<> kept = keep_fact(step, *result);
            if (!kept) result = fail(kept.error());
        }
        if (result) {
            log_success(step, *result, began);
            if (step.type->ending == Ending::kNone) continue;
            end.ending = step.type->ending;
            end.hand_over = std::move(*result);
            return end;
        }
        if (policy_of(step, plan.settings) == OnFailure::kContinue &&
            result.error().kind != ErrorKind::kStopped) {
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

Result<StageOutcome> run_stage_here(const Step& step, StageContext& context) {
    const Arguments arguments = TRY(Arguments::expand(step, context.values));
    return step.type->run(arguments, context);
}

}  // namespace prologue
