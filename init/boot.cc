// SPDX-License-Identifier: MIT
#include "init/boot.h"

#include "init/base/compose.h"
#include "init/base/heap.h"
#include "init/boot_run.h"
#include "init/config_source.h"
#include "init/crash.h"
#include "init/executor.h"
#include "init/hand_over.h"
#include "init/prelude.h"
#include "init/stage_runner.h"
#include "init/startup.h"

namespace prologue {
namespace {

constexpr std::size_t kCommandLineLimit = 64 * 1024;
constexpr char kDevkmsg[] = "/proc/sys/kernel/printk_devkmsg";

}  // namespace

void Boot::make_machine_readable() {
    times_.began = sys_.now();
    const bool had_console = secure_standard_fds();
    install_crash_handlers(crash_stack_);
    prelude_ = prelude_source();
    const Result<bool> made_room = make_room_for_mounts(sys_);
    const Result<> mounted = mount_early_prelude(prelude_, sys_);
    // An archive without a console node: the node of devtmpfs takes the place of what was put there.
    if (!had_console) reopen_console();
    log_.open();
    const Instant now = sys_.now();
    const std::optional<Instant> stamp = log_.write_dated(LogLevel::kDebug, "the init begins");
    if (stamp) times_.shift = *stamp - now;
    log_.mark();  // what the kernel said before us is not about our failures
    // Without it the kernel drops what a burst of messages says (printk.devkmsg=ratelimit).
    (void)sys_.write_file(kDevkmsg, "on\n");
    const Result<> opened = supervisor_.open();
    if (!made_room) log_.write(LogLevel::kError, describe(made_room.error()));
    if (made_room && *made_room)
        log_.write(LogLevel::kNotice, "the root has no room for /dev: it is at " + kRealRoot.str());
    if (!mounted) log_.write(LogLevel::kError, describe(mounted.error()));
    if (!opened) fail_with({nullptr, opened.error()});
}

void Boot::take_role() {
    role_ = decide_role(sys_);
    if (role_ == Role::kInitramfs) {
        const Result<> offered = offer_modprobe();
        if (!offered) log_.write(LogLevel::kWarning, describe(offered.error()));
        return;
    }
    const Result<> locked = lock_pages();
    if (!locked) log_.write(LogLevel::kWarning, describe(locked.error()));
    const Result<> heeded = supervisor_.heed_stop_signals();
    if (!heeded) log_.write(LogLevel::kWarning, describe(heeded.error()));
}

void Boot::read_machine() {
    locked_ = is_locked_image(sys_);
    const Result<std::string> words = sys_.read_file("/proc/cmdline", kCommandLineLimit);
    if (!words) log_.write(LogLevel::kError, describe(words.error()));
    values_.command_line = config::CommandLine::parse(words ? *words : std::string());
    board_ = &detect_board(sys_);
}

Result<config::Source> Boot::choose_config() {
    ConfigSearch search{sys_, log_, supervisor_, values_.command_line, *board_, locked_, role_};
    return find_config(search);
}

void Boot::obey_settings() {
    locked_ = locked_ || plan_.settings.rescue == RescuePolicy::kLocked;
    // In a locked image only the allowed words keep their built-in meaning (init=, ro, rw …).
    values_.built_in_words = locked_
                                 ? values_.command_line.restricted_to(plan_.settings.cmdline_allow)
                                 : values_.command_line;
    set_crash_delay(plan_.settings.failure_delay);
    log_.show_debug(plan_.settings.debug);
    services_.reserve_terminals(plan_.typed_terminals);
    // The planner has checked the name.
    if (!plan_.settings.board.empty()) board_ = find_board(plan_.settings.board);
    // Five files of sysfs, for a config that names none of them as a rule.
    if (config_->text.find("${board.") != std::string::npos) {
        values_.board = read_board_values(*board_, sys_);
    }
}

// Once: a config that a person has read again changes nothing about it.
void Boot::start_watchdog() {
    if (plan_.settings.watchdog.timeout == Duration(0)) return;
    watchdog_.start(plan_.settings.watchdog);
    supervisor_.watch(watchdog_);
}

void Boot::log_warnings() {
    for (const config::Diagnostic& diagnostic : plan_.diagnostics.sorted()) {
        log_.write(LogLevel::kWarning, config::render(diagnostic));
    }
}

Plan Boot::plan_of(const config::Source& config) const {
    PlanInput input;
    input.config = &config;
    input.prelude = &prelude_;
    input.command_line = &values_.command_line;
    input.board = board_->name.str();
    input.locked = locked_;
    input.on_target = true;
    return make_plan(input);
}

void Boot::run() {
    make_machine_readable();
    take_role();
    read_machine();
    supervisor_.watch(services_);
    Result<config::Source> config = choose_config();
    // Without one the words of the command line still say what a failure leads to.
    if (config) *config_ = std::move(*config);
    plan_ = plan_of(*config_);
    obey_settings();
    start_watchdog();
    if (is_rescue_asked()) rescue_as_asked(config);
    if (!config) fail_with({nullptr, std::move(config).error()});
    if (!plan_.ok()) fail_with_diagnostics();
    log_warnings();
    run_plan();
}

void Boot::run_plan() {
    begin_heap_page();
    follow(executor_.run(plan_));
}

void Boot::follow(PlanEnd end) {
    leave_timeline(executor_.timeline(), times_, sys_, log_);
    if (end.failure) fail_with(*end.failure);
    switch (end.ending) {
        case Ending::kNone: break;
        case Ending::kSwitchRoot: hand_over_to(end.hand_over);
        case Ending::kSupervise: supervise();
        case Ending::kReboot: stop(StopKind::kReboot, true);
        case Ending::kPowerOff: stop(StopKind::kPowerOff, true);
        case Ending::kHalt: stop(StopKind::kHalt, true);
    }
    take_terminals();
    show_failure("");
    rescue(end.pause == Pause::kBreak ? rescue::Entry::kBreak : rescue::Entry::kLine);
}

// Since this program began.
std::string Boot::time_spent() {
    return format_milliseconds(sys_.now() - times_.began);
}

void Boot::hand_over_to(const StageOutcome& outcome) {
    HandOver order;
    order.new_root = outcome.new_root;
    order.init_path = outcome.init_path;
    order.began = times_.began;
    order.argv = argv_;
    order.envp = envp_;
    order.last_line =
        compose("switch_root {} -> {}, {}", outcome.summary, outcome.init_path, time_spent());
    consoles_.close();
    services_.retire();
    watchdog_.hand_over();
    // The kernel's default; one that was set on its command line cannot be changed anyway.
    (void)sys_.write_file(kDevkmsg, "ratelimit\n");
    Error error = hand_over(order, sys_, supervisor_, log_);
    devices_are_served_ = false;  // no process is left, as a rule
    watchdog_.take_back();
    // A typed line may have led here, and with no config at all.
    fail_with({plan_.steps.empty() ? nullptr : &plan_.steps.back(), std::move(error)});
}

void boot(char** argv, char** envp) {
    // Not on the stack of a function that returns, and never destroyed: children and the real init
    // are left from inside it.
    static Boot* the_boot = nullptr;
    // This frame lasts as long. Untouched, its pages do not exist; among the variables of the program
    // it would spread those over one page more for each child to copy.
    alignas(16) char crash_stack[kCrashStack];
    the_boot = new Boot(argv, envp, crash_stack);
    the_boot->run();
}

}  // namespace prologue
