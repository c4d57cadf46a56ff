// SPDX-License-Identifier: MIT
#include "init/base/compose.h"
#include "init/boot_run.h"
#include "init/device_service.h"
#include "init/stop.h"

namespace prologue {

// In a locked image the word means nothing; the name /rescue does not exist there.
bool Boot::is_rescue_asked() const {
    return std::string_view(argv_[0]) == "/rescue" ||
           (!locked_ && values_.command_line.flag("prologue.rescue"));
}

void Boot::rescue_as_asked(const Result<config::Source>& config) {
    if (locked_ || !rescue::may_open(plan_.settings)) {
        fail_with({nullptr,
                   Error::refused("rescue", "",
                                  locked_ ? "a locked image has no shell" : "no password fits")});
    }
    if (!config) {
        failure_text_ = format_failure({nullptr, config.error()}, {});
    } else if (!plan_.ok()) {
        failure_text_ = rescue::render_all(plan_.diagnostics);
    }
    show_failure(failure_text_);
    rescue(failure_text_.empty() ? rescue::Entry::kAsked : rescue::Entry::kBadConfig);
}

// Where the config has said `modules auto`: the keyboard may come, or the disk that was not found.
void Boot::serve_devices() {
    if (!executor_.serves_devices() || devices_are_served_) return;
    DeviceService service(sys_, values_.built_in_words);
    const Result<pid_t> started = supervisor_.start("devices", service);
    if (!started) log_.write(LogLevel::kWarning, describe(started.error()));
    devices_are_served_ = started.has_value();
}

rescue::SessionEnd Boot::run_session(rescue::Entry entry) {
    rescue::Session session({sys_, supervisor_, consoles_, log_, executor_, values_, plan_, *this,
                             board_ != nullptr ? board_->name.str() : "", envp_},
                            entry, failure_text_);
    return session.run();
}

// Before anything is shown there: a terminal is hung up when the service that owns it ends, and drops
// what it has not sent.
void Boot::take_terminals() {
    if (services_.count() == 0) return;
    services_.take_terminals(rescue::shell_terminals(sys_, plan_.settings));
}

void Boot::rescue(rescue::Entry entry) {
    obey_stop_request();
    if (locked_ || !rescue::may_open(plan_.settings) || !consoles_.can_read())
        wait_and_stop(policy_input(nullptr));
    executor_.end_secrets(plan_);
    supervisor_.watch_power_button();
    show(rescue::announce_shell(plan_.settings, entry));
    serve_devices();
    rescue::SessionEnd end = run_session(entry);
    if (end.kind == rescue::SessionEnd::Kind::kPlanEnd) follow(std::move(end.end));
    if (end.at_once) {
        stop_at_once(
            end.kind == rescue::SessionEnd::Kind::kReboot ? StopKind::kReboot : StopKind::kPowerOff,
            sys_, supervisor_);
    }
    show_failure("");
    switch (end.kind) {
        case rescue::SessionEnd::Kind::kReboot: stop(StopKind::kReboot, false);
        case rescue::SessionEnd::Kind::kPowerOff: stop(StopKind::kPowerOff, false);
        case rescue::SessionEnd::Kind::kStopRequest: obey_stop_request(); break;
        default: show(compose("prologue: the rescue shell is closed: {}\n", end.why));
    }
    wait_and_stop(policy_input(nullptr));
}

// The old plan stays when the new one has a mistake.
std::string Boot::replan() {
    Result<config::Source> config = choose_config();
    if (!config) return format_failure({nullptr, config.error()}, {});
    auto source = std::make_unique<config::Source>(std::move(*config));
    Plan plan = plan_of(*source);
    if (!plan.ok()) return rescue::render_all(plan.diagnostics);
    executor_.forget_plan();
    plan_ = std::move(plan);
    config_ = std::move(source);
    obey_settings();
    return {};
}

}  // namespace prologue
