// SPDX-License-Identifier: MIT
#include "init/base/compose.h"
#include "init/boot_run.h"
#include "init/quiet_kernel.h"
#include "init/stop.h"

namespace prologue {

Result<pid_t> Boot::start_shell(const std::string& terminal) {
    if (!shells_) {
        const rescue::DeskParts parts{sys_,  supervisor_,        log_,         executor_, values_,
                                      plan_, board_->name.str(), failure_text_};
        shells_.emplace(parts, envp_);
    }
    return shells_->start(terminal);
}

void Boot::supervise() {
    const Result<> heeded = supervisor_.heed_stop_signals();
    if (!heeded) log_.write(LogLevel::kWarning, describe(heeded.error()));
    supervisor_.watch_power_button();
    consoles_.close();  // the services own the terminals now
    services_.give_back_terminals();
    const std::size_t count = services_.count();
    log_.write(LogLevel::kInfo, compose("supervise {}{}{}", std::to_string(count),
                                        count == 1 ? " service, " : " services, ", time_spent()));
    // Where a person types, the kernel keeps to what is grave.
    std::optional<QuietKernel> quiet;
    if (shells_) quiet.emplace(sys_);
    std::optional<rescue::Wish> wish;
    while (!supervisor_.stop_requested() && !wish) {
        supervisor_.wait_for_event(kNever);
        if (shells_) wish = shells_->answer();
    }
    quiet.reset();
    obey_stop_request();
    grant(std::move(*wish));
}

// What a person has typed at a shell that is a service.
void Boot::grant(rescue::Wish wish) {
    const StopKind kind =
        wish.kind == rescue::Wish::Kind::kReboot ? StopKind::kReboot : StopKind::kPowerOff;
    if (wish.kind == rescue::Wish::Kind::kEnding) follow(std::move(wish.end));
    if (wish.at_once) stop_at_once(kind, sys_, supervisor_);
    end_processes();
    show(compose("prologue: {}\n", doing(kind).str()));
    stop(kind, false);
}

}  // namespace prologue
