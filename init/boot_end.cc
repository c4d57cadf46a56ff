// SPDX-License-Identifier: MIT
#include "init/base/compose.h"
#include "init/boot_run.h"

#include <utility>

#include "init/stop.h"

namespace prologue {
namespace {

constexpr Duration kDrainBound{2'000};
constexpr Duration kProcessGrace{3'000};

}  // namespace

void Boot::show(const std::string& text) {
    consoles_.show(text);
    // The consoles have it already; the log must not print it there once more.
    log_.write_silently(text);
}

void Boot::show_failure(const std::string& text) {
    // Only now: a healthy boot shows nothing on them, the plan names some, and a module that it
    // loaded may have brought one (virtio_console).
    consoles_.open(sys_, plan_.settings.consoles);
    show(text);
}

PolicyInput Boot::policy_input(const Step* step) const {
    PolicyInput input;
    input.settings = &plan_.settings;
    input.locked = locked_;
    input.policy = step != nullptr ? policy_of(*step, plan_.settings) : plan_.settings.on_failure;
    if (locked_ && input.policy != OnFailure::kPowerOff) input.policy = OnFailure::kReboot;
    return input;
}

void Boot::fail_with(const Failure& failure) {
    failure_text_ = format_failure(failure, log_);
    // The question that nobody came to answer stands on the line.
    const bool was_asking =
        failure.step != nullptr && failure.step->ask && failure.error->kind == ErrorKind::kStopped;
    const PolicyInput input = policy_input(failure.step);
    if (input.policy == OnFailure::kRescue) take_terminals();
    show_failure((was_asking ? "\n" : "") + failure_text_);
    const bool ran = failure.step != nullptr;
    act(input, ran ? rescue::Entry::kFailure : rescue::Entry::kBadConfig);
}

void Boot::fail_with_diagnostics() {
    failure_text_ = rescue::render_all(plan_.diagnostics);
    show_failure(failure_text_ + "prologue: nothing of this config was run\n");
    act(policy_input(nullptr), rescue::Entry::kBadConfig);
}

// A person at the machine decides, whatever the policy is.
void Boot::obey_stop_request() {
    if (!supervisor_.stop_requested()) return;
    const StopRequest request = supervisor_.stop_request();
    const StopKind kind = stop_kind_of(request);
    end_processes();
    show(compose("prologue: {} ({})\n", doing(kind).str(), name_of(request).str()));
    stop(kind, false);
}

void Boot::act(const PolicyInput& input, rescue::Entry entry) {
    if (input.policy == OnFailure::kRescue) rescue(entry);
    wait_and_stop(input);
}

void Boot::wait_and_stop(const PolicyInput& input) {
    obey_stop_request();
    supervisor_.watch_power_button();
    show(announce(input));
    supervisor_.wait(deadline_after(sys_.now(), input.settings->failure_delay), false);
    obey_stop_request();
    stop(stop_kind_of(input.policy), false);
}

// Where something was started that stays: it gets the time to end well, and leaves the terminals, whose
// descriptors PID 1 then opens anew.
void Boot::end_processes() {
    if (role_ == Role::kInitramfs && services_.count() == 0) return;
    if (std::exchange(processes_are_ended_, true)) return;
    services_.retire();
    supervisor_.end_all_processes(kProcessGrace);
    consoles_.open(sys_, plan_.settings.consoles);
}

void Boot::stop(StopKind kind, bool success) {
    supervisor_.ignore_stop_requests();
    end_processes();
    supervisor_.drain_consoles(deadline_after(sys_.now(), kDrainBound));
    if (board_ != nullptr && board_->end_test != nullptr && !locked_) {
        board_->end_test(values_.command_line, success);
    }
    stop_machine(kind, sys_, supervisor_, log_);
}

}  // namespace prologue
