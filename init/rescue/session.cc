// SPDX-License-Identifier: MIT
#include "init/rescue/session.h"

#include <algorithm>
#include <span>

#include "init/base/compose.h"
#include "init/failure.h"
#include "init/quiet_kernel.h"

namespace prologue::rescue {
namespace {

constexpr unsigned kMostStarts = 5;      // of one terminal's shells that nobody has used
constexpr Duration kOutputBound{2'000};  // for what is still queued when the consoles change hands
constexpr Duration kLeaveGrace{2'000};
constexpr Literal kPrompt = "[rescue] # ";

// The lines of a plan, up to and with the one at `place`.
std::vector<std::string> lines_up_to(const Plan& plan, std::size_t place) {
    std::vector<std::string> lines;
    for (const Step& step : std::span(plan.steps).first(std::min(place + 1, plan.steps.size())))
        lines.push_back(step.line.source->text.substr(step.line.offset, step.line.length));
    return lines;
}

// Where the last of `before`, which has failed, is in a plan that was read again. Up to there all must be
// as it was, or else the line is looked for: one was put in or taken out in front of it. What was put
// in right in front of it is gone on with.
std::size_t place_of_failed(const std::vector<std::string>& before, const Plan& plan) {
    const std::size_t place = before.size() - 1;
    const std::vector<std::string> now = lines_up_to(plan, plan.steps.size());
    if (now.size() > place && std::equal(before.begin(), before.end() - 1, now.begin()))
        return place;
    const auto found = std::find(now.begin(), now.end(), before.back());
    return found != now.end() ? static_cast<std::size_t>(found - now.begin()) : place;
}

std::string greeting(Entry entry) {
    switch (entry) {
        case Entry::kFailure:
            return "'why' shows the failure, 'retry' tries again, 'help' lists all\n";
        case Entry::kBadConfig: return "'why' shows the mistakes, 'help' lists the commands\n";
        default: return "'continue' goes on, 'help' lists the commands\n";
    }
}

}  // namespace

std::string announce_shell(const Settings& settings, Entry entry) {
    std::string text = "prologue: the rescue shell is open";
    switch (entry) {
        case Entry::kAsked: text += " (asked for)"; break;
        case Entry::kBreak: text += " (prologue.break)"; break;
        case Entry::kLine: text += " (a 'shell' line)"; break;
        default: text += " (on-failure=rescue)";
    }
    if (settings.rescue_timeout != kForever)
        text += "; rebooting unless it is used within " + format_duration(settings.rescue_timeout);
    return text + "\n";
}

std::vector<std::string> shell_terminals(Sys& sys, const Settings& settings) {
    return settings.prompt_consoles.empty() ? active_consoles(sys) : settings.prompt_consoles;
}

bool may_open(const Settings& settings) {
    return settings.rescue == RescuePolicy::kOpen ||
           (settings.rescue == RescuePolicy::kPassword && !settings.rescue_hash.empty());
}

Session::Session(const SessionParts& parts, Entry entry, std::string failure)
    : parts_(parts),
      entry_(entry),
      failure_(std::move(failure)),
      shells_(parts.sys, parts.supervisor),
      desk_({parts.sys, parts.supervisor, parts.log, parts.executor, parts.values, parts.plan,
             parts.board, failure_},
            shells_),
      last_use_(parts.sys.now()) {
    for (std::string& terminal : shell_terminals(parts.sys, parts.plan.settings)) {
        Seat seat;
        seat.terminal = std::move(terminal);
        seats_.push_back(std::move(seat));
    }
}

SessionEnd Session::run() {
    give_consoles_away();
    const QuietKernel quiet(parts_.sys);
    open_free_seats();
    while (!is_over_) {
        parts_.supervisor.wait_for_event(deadline());
        for (Seat& seat : seats_) look_after(seat);
        if (!is_over_) answer_owner();
        if (!is_over_ && parts_.sys.now() >= deadline())
            end_with(SessionEnd::Kind::kPolicy, "nobody uses it");
        if (parts_.supervisor.stop_requested()) end_with(SessionEnd::Kind::kStopRequest);
    }
    shells_.end_all(kLeaveGrace);
    return std::move(end_);
}

// What was shown must be out before PID 1 closes them: a terminal of its own would be hung up with the
// session of a shell that ends.
void Session::give_consoles_away() {
    const Instant bound = deadline_after(parts_.sys.now(), kOutputBound);
    while (!parts_.consoles.drained() && parts_.sys.now() < bound)
        parts_.supervisor.wait_for_event(bound);
    parts_.consoles.close();
}

bool Session::wants_password() const {
    return parts_.plan.settings.rescue != RescuePolicy::kOpen;
}

void Session::open_shell(Seat& seat) {
    const Settings& settings = parts_.plan.settings;
    ShellSetup setup = setup_of_shell(settings, parts_.values, parts_.board, parts_.envp);
    setup.prompt = kPrompt.str();
    setup.terminal = "/dev/" + seat.terminal;
    setup.greeting = greeting(entry_);
    ++seat.starts;
    const Result<ShellLink*> started = shells_.start(std::move(setup));
    if (started) {
        seat.link = *started;
    } else {
        parts_.log.write(LogLevel::kError, describe(started.error()));
    }
}

void Session::open_free_seats() {
    bool any = false;
    for (Seat& seat : seats_) {
        if (seat.link == nullptr && seat.starts < kMostStarts) open_shell(seat);
        any = any || seat.link != nullptr;
    }
    if (!any) end_with(SessionEnd::Kind::kPolicy, "no console can be used");
}

void Session::look_after(Seat& seat) {
    if (seat.link == nullptr || is_over_) return;
    ShellLink& link = *seat.link;
    if (link.was_touched) last_use_ = std::max(last_use_, link.last_key);
    count_wrong_passwords(std::exchange(link.wrong_passwords, 0));
    if (link.unlocked && owner_ == nullptr && link.is_open()) make_owner(seat);
    if (!link.is_open() && link.reaped) after_end(seat);
}

void Session::make_owner(Seat& seat) {
    owner_ = &seat;
    for (Seat& other : seats_) {
        if (&other == &seat || other.link == nullptr) continue;
        shells_.dismiss(*other.link,
                        compose("\nprologue: the rescue shell is used on {}\n", seat.terminal));
    }
}

void Session::after_end(Seat& seat) {
    const bool was_touched = seat.link->was_touched;
    shells_.forget(*std::exchange(seat.link, nullptr));
    if (owner_ == &seat) {
        // Everywhere again: whoever it was may come back on another console.
        owner_ = nullptr;
        for (Seat& other : seats_) other.starts = 0;
        parts_.log.write(LogLevel::kWarning,
                         compose("the rescue shell on {} has ended", seat.terminal));
    } else if (wants_password() && was_touched) {
        count_wrong_passwords(1);  // else its end would be a way to begin the count anew
    }
    if (owner_ == nullptr && !is_over_) open_free_seats();
}

void Session::count_wrong_passwords(unsigned count) {
    if (owner_ != nullptr || count == 0) return;
    parts_.log.write(LogLevel::kWarning, "wrong password at the rescue shell");
    wrong_passwords_ += count;
    if (wrong_passwords_ >= kMostWrongPasswords)
        end_with(SessionEnd::Kind::kPolicy, "three wrong passwords");
}

void Session::answer_owner() {
    if (owner_ == nullptr || owner_->link == nullptr || !owner_->link->line) return;
    act_on(desk_.answer(*owner_->link));
    parts_.host.serve_devices();
    last_use_ = parts_.sys.now();
    if (!is_over_) shells_.finish(*owner_->link);
}

void Session::act_on(Wish wish) {
    switch (wish.kind) {
        case Wish::Kind::kNothing: return;
        case Wish::Kind::kRetry: return retry();
        case Wish::Kind::kSkip: return skip();
        case Wish::Kind::kContinue: return go_on();
        case Wish::Kind::kEnding:
            end_.end = std::move(wish.end);
            return end_with(SessionEnd::Kind::kPlanEnd);
        case Wish::Kind::kReboot: end_with(SessionEnd::Kind::kReboot); break;
        case Wish::Kind::kPowerOff: end_with(SessionEnd::Kind::kPowerOff); break;
    }
    end_.at_once = wish.at_once;
}

// What a person has changed counts: the config is read again.
void Session::retry() {
    const std::vector<std::string> before = lines_up_to(parts_.plan, parts_.executor.place());
    const std::string complaints = parts_.host.replan();
    if (!complaints.empty()) return say(complaints);
    const bool from_start = entry_ == Entry::kAsked || entry_ == Entry::kBadConfig;
    run_plan(from_start || before.empty() ? 0 : place_of_failed(before, parts_.plan));
}

void Session::skip() {
    const std::size_t next = parts_.executor.place() + 1;
    const bool stands = entry_ != Entry::kAsked && entry_ != Entry::kBadConfig;
    if (!stands || next >= parts_.plan.steps.size())
        return say("error: there is no line to skip\n");
    run_plan(next);
}

void Session::go_on() {
    const std::vector<Step>& steps = parts_.plan.steps;
    std::size_t next = parts_.executor.place();
    switch (entry_) {
        case Entry::kBadConfig:
            return say("error: there is no config to go on with; 'retry' reads it again\n");
        case Entry::kAsked: next = 0; break;
        case Entry::kBreak: break;
        case Entry::kLine: ++next; break;
        case Entry::kFailure:
            while (next + 1 < steps.size() && steps[next].type->ending == Ending::kNone) ++next;
    }
    run_plan(next);
}

void Session::run_plan(std::size_t first) {
    PlanEnd end = parts_.executor.run(parts_.plan, first);
    if (end.failure) {
        entry_ = Entry::kFailure;
        failure_ = format_failure(*end.failure, parts_.log);
        parts_.log.write_silently(failure_);
        return say(failure_);
    }
    if (end.pause == Pause::kNone) {
        end_.end = std::move(end);
        return end_with(SessionEnd::Kind::kPlanEnd);
    }
    entry_ = end.pause == Pause::kBreak ? Entry::kBreak : Entry::kLine;
    const config::Span& line = parts_.plan.steps[parts_.executor.place()].line;
    say(compose("stopped at line {}\n", std::to_string(config::position_of(line).line)));
}

void Session::end_with(SessionEnd::Kind kind, std::string why) {
    if (is_over_) return;
    is_over_ = true;
    end_.kind = kind;
    end_.why = std::move(why);
}

Instant Session::deadline() const {
    const Duration bound = parts_.plan.settings.rescue_timeout;
    const bool busy = owner_ != nullptr && owner_->link != nullptr && owner_->link->busy;
    return busy ? kNever : deadline_after(last_use_, bound);
}

}  // namespace prologue::rescue
