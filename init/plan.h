// SPDX-License-Identifier: MIT
// The plan: config text in, checked steps out. Pure: the same code checks on the host and runs in
// PID 1. Every mistake of the text is reported in one run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/source.h"
#include "stages/stage.h"

namespace prologue {

// How long PID 1 waits, after a stage's own bound, for the child's report and then for its death.
inline constexpr Duration kReportGrace{200};
inline constexpr Duration kKillGrace{1'000};
// How long the undo of a stage may take, apart from kKillGrace, when its child was killed.
inline constexpr Duration kUndoBound{1'000};

enum class RescuePolicy : std::uint8_t { kOpen, kPassword, kLocked };

// `set watchdog`.
struct WatchdogSettings {
    Duration timeout{0};  // 0: none is wanted
    bool keep = true;     // handover=keep: it is still counting when the real init starts
};

// The `set` lines, or their defaults.
struct Settings {
    Duration timeout{30'000};
    OnFailure on_failure = OnFailure::kRescue;
    Duration failure_delay{10'000};
    RescuePolicy rescue = RescuePolicy::kOpen;  // kLocked in every locked image
    std::string rescue_hash;                    // of kPassword; empty = no password fits
    Duration rescue_timeout = kForever;
    std::vector<std::string> consoles;         // `set console`: extra consoles for failure blocks
    std::vector<std::string> prompt_consoles;  // both without "/dev/": "ttyS0"
    std::string board;                         // empty = detect
    WatchdogSettings watchdog;
    bool debug = false;  // prologue.log=debug of the command line
    std::vector<std::string> cmdline_allow{"quiet", "loglevel", "console", "panic"};
};

// A line typed in a shell. It stands alone: what was done by hand before it is not known, so nothing is
// asked about what it builds on, nor how it ends.
struct TypedLine {
    const Settings* settings = nullptr;                      // of the config
    const std::vector<config::NamedValue>* facts = nullptr;  // the names that are yielded
};

// Where and for what a plan is made.
struct PlanInput {
    const config::Source* config = nullptr;   // must outlive the plan
    const config::Source* prelude = nullptr;  // null = none
    // Known on the target, or given with --cmdline on the host. Unset: conditions on the command line
    // stay open, both arms are checked, and a value that is unset is only a note.
    const config::CommandLine* command_line = nullptr;
    std::optional<std::string> board;  // unset on the host: conditions on the board stay open
    // The image is locked. Then of prologue.* and panic= only what `set cmdline-allow` names counts.
    bool locked = false;
    // PID 1 itself plans: what a locked image forbids is replaced instead of refused, and a value
    // that is not set is left to the stage that fails for it.
    bool on_target = false;
    // `config` is one line of a shell; `prelude` does not count then.
    const TypedLine* typed = nullptr;
};

struct Plan {
    Settings settings;
    // Prelude first; steps whose condition is known to be false are left out.
    std::vector<Step> steps;
    // Where the services are that a person types at: names below /dev.
    std::vector<std::string> typed_terminals;
    // The step that prologue.break= names; always unset in a locked plan.
    std::optional<std::size_t> break_before;
    config::Diagnostics diagnostics;
    // That of the input, which must outlive the plan: format_plan() shows values by it.
    const config::CommandLine* command_line = nullptr;
    // The text that diagnostics point into ("kernel command line"); null without one.
    std::unique_ptr<config::Source> command_line_source;
    [[nodiscard]] bool ok() const { return !diagnostics.has_errors(); }
};

Plan make_plan(const PlanInput& input);

// The longest time the plan can take without a person: the bounds of all steps with their retries.
struct WorstCase {
    Duration total{0};                // kForever when unbounded
    const Step* unbounded = nullptr;  // the first step without a bound
};
WorstCase worst_case(const Plan& plan);

// The step's own policy or the file's; in a locked plan never anything but reboot or poweroff.
OnFailure policy_of(const Step& step, const Settings& settings);

// The text of `prologue plan`: a line a step with name, bound and policy, and the worst case.
// No trailing blanks.
std::string format_plan(const Plan& plan);

// The keys of `set`, for "did you mean" and the manual.
std::vector<std::string_view> setting_names();
// Keywords that are reserved for a later version or a build without them.
bool is_reserved_keyword(std::string_view keyword);

}  // namespace prologue
