// SPDX-License-Identifier: MIT
#include "init/services.h"

#include <algorithm>
#include <csignal>

#include "init/base/compose.h"
#include "init/base/console_names.h"
#include "init/base/program.h"

namespace prologue {

namespace {

constexpr Duration kHangUpGrace{2'000};

}  // namespace

Duration respawn_pause(unsigned quick_ends) {
    if (quick_ends <= 1) return Duration{0};
    const unsigned doublings = std::min(quick_ends - 2, 6U);  // 2^6 is more than the most already
    return std::min(Duration{1'000} * (1U << doublings), kMostPause);
}

Result<> Services::begin(const ServiceOrder& order) {
    services_.push_back({order});
    Service& service = services_.back();
    if (!has_to_wait(service)) return start(service);
    service.next = sys_.now();
    return {};
}

bool Services::has_to_wait(const Service& service) const {
    return service.order.reads_terminal() &&
           std::find(taken_.begin(), taken_.end(), service.order.tty) != taken_.end();
}

std::string Services::real_name(const std::string& terminal) const {
    return terminal == kConsoleTty ? active_consoles(sys_).back() : terminal;
}

TerminalUse Services::use_of_terminal(const ServiceOrder& order) const {
    if (order.reads_terminal()) return TerminalUse::kTake;
    const std::string terminal = real_name(order.tty);
    const auto is_it = [&](const std::string& name) { return real_name(name) == terminal; };
    const auto is_in = [&](const std::vector<std::string>& terminals) {
        return std::any_of(terminals.begin(), terminals.end(), is_it);
    };
    const auto is_typed_at = [&](const Service& service) {
        return service.order.reads_terminal() && is_it(service.order.tty);
    };
    if (is_in(reserved_) || is_in(taken_) ||
        std::any_of(services_.begin(), services_.end(), is_typed_at))
        return TerminalUse::kWrite;
    return TerminalUse::kTakeIfFree;
}

// False when one of them has not ended in time.
bool Services::end_waiting(int signal) {
    const auto runs = [this](const Service& service) {
        return service.pid > 0 && has_to_wait(service);
    };
    for (const Service& service : services_) {
        // It leads a session: what it has put into other groups hears of its end by the terminal.
        if (runs(service)) (void)kill(-service.pid, signal);
    }
    const Instant deadline = deadline_after(sys_.now(), kHangUpGrace);
    while (std::any_of(services_.begin(), services_.end(), runs)) {
        if (sys_.now() >= deadline) return false;
        supervisor_.wait_for_event(deadline);
    }
    return true;
}

void Services::take_terminals(std::vector<std::string> terminals) {
    taken_ = std::move(terminals);
    const std::string console = real_name(kConsoleTty.str());
    if (std::find(taken_.begin(), taken_.end(), console) != taken_.end())
        taken_.push_back(kConsoleTty.str());
    // One that SIGKILL does not end is stuck in the kernel, and reads nothing.
    if (!end_waiting(SIGHUP)) (void)end_waiting(SIGKILL);
}

void Services::retire() {
    is_retired_ = true;
    for (Service& service : services_) service.next = kNever;
}

Result<> Services::start(Service& service) {
    service.next = kNever;
    service.began = sys_.now();
    if (service.order.is_shell()) {
        service.pid = TRY(shells_.start_shell(service.order.tty));
        return {};
    }
    ServiceSession session(service.order, use_of_terminal(service.order), log_);
    service.pid = TRY(supervisor_.start("service", session));
    return {};
}

Instant Services::wants_turn_at() const {
    Instant first = kNever;
    for (const Service& service : services_) {
        if (!has_to_wait(service)) first = std::min(first, service.next);
    }
    return first;
}

void Services::on_end(pid_t pid, int status) {
    for (Service& service : services_) {
        if (service.pid != pid) continue;
        service.pid = -1;
        if (is_retired_) continue;
        if (has_to_wait(service)) {
            service.next = sys_.now();
        } else {
            plan_respawn(service, status);
        }
    }
}

void Services::plan_respawn(Service& service, int status) {
    const Instant now = sys_.now();
    std::string text = compose("service {}: {}", service.order.name(), describe_status(status));
    if (!service.order.respawn) {
        log_.write(status == 0 ? LogLevel::kInfo : LogLevel::kWarning, text);
        return;
    }
    const bool is_quick = now < deadline_after(service.began, kLongEnough);
    service.quick_ends = is_quick ? service.quick_ends + 1 : 0;
    const Duration pause = respawn_pause(service.quick_ends);
    service.next = deadline_after(now, pause);
    text += pause.count() == 0 ? "; it is started again"
                               : "; it is started again in " + format_duration(pause);
    log_.write(status == 0 ? LogLevel::kInfo : LogLevel::kWarning, text);
}

void Services::react(std::span<const pollfd>) {
    const Instant now = sys_.now();
    for (Service& service : services_) {
        if (service.pid > 0 || service.next > now || has_to_wait(service)) continue;
        const Result<> started = start(service);
        if (started) continue;
        // No process to be had: as if it had ended at once.
        log_.write(LogLevel::kWarning, describe(started.error()));
        service.next = deadline_after(now, respawn_pause(++service.quick_ends + 1));
    }
}

}  // namespace prologue
