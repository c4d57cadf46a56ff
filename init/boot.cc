// SPDX-License-Identifier: MIT
#include "init/boot.h"

#include "board/board.h"
#include "init/base/sys_linux.h"
#include "init/config_source.h"
#include "init/crash.h"
#include "init/executor.h"
#include "init/failure.h"
#include "init/hand_over.h"
#include "init/prelude.h"
#include "init/stage_runner.h"
#include "init/startup.h"
#include "init/stop.h"

namespace prologue {
namespace {

constexpr std::size_t kCommandLineLimit = 64 * 1024;
constexpr std::size_t kMostKernelRecords = 8;
constexpr Duration kDrainBound{2'000};
constexpr Literal kLockedMarker = "/etc/prologue.locked";

class Boot {
  public:
    Boot(char** argv, char** envp) : argv_(argv), envp_(envp) {}
    [[noreturn]] void run();

  private:
    void make_machine_readable();
    void read_machine();
    Result<config::Source> choose_config();
    void log_warnings();
    [[noreturn]] void run_plan();
    [[noreturn]] void hand_over_to(const StageOutcome& outcome);
    [[nodiscard]] PolicyInput policy_input(const Step* step) const;
    void show(const std::string& text);
    void show_failure(const std::string& text);
    [[noreturn]] void fail_with(const Failure& failure);
    [[noreturn]] void fail_with_diagnostics();
    [[noreturn]] void act(const PolicyInput& input);
    [[noreturn]] void stop(StopKind kind, bool success);

    char** argv_;
    char** envp_;
    LinuxSys sys_;
    Consoles consoles_;
    KernelLog log_;
    Supervisor supervisor_{sys_, consoles_};
    Instant began_{0};
    bool locked_ = false;
    const Board* board_ = nullptr;
    config::Values values_;
    config::Source prelude_, config_;
    Plan plan_;
};

void Boot::make_machine_readable() {
    began_ = sys_.now();
    const bool had_console = secure_standard_fds();
    install_crash_handlers();
    prelude_ = prelude_source();
    const Result<> mounted = mount_early_prelude(prelude_, sys_);
    // An archive without a console node: the node of devtmpfs takes the place of what was put there.
    if (!had_console) reopen_console();
    log_.open();
    log_.mark();  // what the kernel said before us is not about our failures
    // Without it the kernel drops what a burst of messages says (printk.devkmsg=ratelimit).
    (void)sys_.write_file("/proc/sys/kernel/printk_devkmsg", "on\n");
    consoles_.open(sys_, {});
    const Result<> opened = supervisor_.open();
    if (!mounted) log_.write(LogLevel::kError, describe(mounted.error()));
    if (!opened) fail_with({nullptr, opened.error()});
}

void Boot::read_machine() {
    locked_ = sys_.lstat(kLockedMarker.str()).has_value();
    const Result<std::string> words = sys_.read_file("/proc/cmdline", kCommandLineLimit);
    if (!words) log_.write(LogLevel::kError, describe(words.error()));
    values_.command_line = config::CommandLine::parse(words ? *words : std::string());
    board_ = &detect_board(sys_);
    values_.board = read_board_values(*board_, sys_);
}

Result<config::Source> Boot::choose_config() {
    ConfigSearch search{sys_, supervisor_, values_.command_line, *board_, locked_};
    return find_config(search);
}

void Boot::log_warnings() {
    for (const config::Diagnostic& diagnostic : plan_.diagnostics.sorted()) {
        log_.write(LogLevel::kWarning, config::render(diagnostic));
    }
}

void Boot::run() {
    make_machine_readable();
    read_machine();
    const bool rescue = std::string_view(argv_[0]) == "/rescue" ||
                        (!locked_ && values_.command_line.flag("prologue.rescue"));
    Result<config::Source> config =
        rescue ? fail(Error::refused("rescue", "", "the rescue shell is not in this build"))
               : choose_config();
    // Without one the words of the command line still say what a failure leads to.
    if (config) config_ = std::move(*config);
    PlanInput input;
    input.config = &config_;
    input.prelude = &prelude_;
    input.command_line = &values_.command_line;
    input.board = board_->name.str();
    input.locked = locked_;
    input.on_target = true;
    plan_ = make_plan(input);
    locked_ = locked_ || plan_.settings.rescue == RescuePolicy::kLocked;
    set_crash_delay(plan_.settings.failure_delay);
    if (!config) fail_with({nullptr, std::move(config).error()});
    if (!plan_.ok()) fail_with_diagnostics();
    log_warnings();
    run_plan();
}

void Boot::run_plan() {
    // In a locked image only the allowed words keep their built-in meaning (init=, ro, rw …).
    values_.built_in_words = locked_
                                 ? values_.command_line.restricted_to(plan_.settings.cmdline_allow)
                                 : values_.command_line;
    ForkingRunner runner(sys_, supervisor_, argv_, envp_);
    Executor executor(sys_, runner, log_, values_);
    const PlanEnd end = executor.run(plan_);
    switch (end.ending) {
        case Ending::kNone: fail_with(*end.failure);
        case Ending::kSwitchRoot: hand_over_to(end.hand_over);
        case Ending::kReboot: stop(StopKind::kReboot, true);
        case Ending::kPowerOff: stop(StopKind::kPowerOff, true);
        case Ending::kHalt: stop(StopKind::kHalt, true);
    }
    stop(StopKind::kReboot, false);
}

void Boot::hand_over_to(const StageOutcome& outcome) {
    HandOver order;
    order.new_root = outcome.new_root;
    order.init_path = outcome.init_path;
    order.argv = argv_;
    order.envp = envp_;
    const auto spent = std::chrono::duration_cast<Duration>(sys_.now() - began_);
    order.last_line = "switch_root " + outcome.summary + " -> " + outcome.init_path + ", " +
                      std::to_string(spent.count()) + " ms";
    consoles_.close();
    Error error = hand_over(order, sys_, supervisor_, log_);
    fail_with({&plan_.steps.back(), std::move(error)});
}

void Boot::show(const std::string& text) {
    consoles_.show(text);
    // The consoles have it already: at this level the log does not print it there once more.
    log_.write(LogLevel::kDebug, text);
}

void Boot::show_failure(const std::string& text) {
    // Only now: the plan names some, and a module that it loaded may have brought one (virtio_console).
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
    show_failure(format_failure(failure, log_.kernel_records(kMostKernelRecords)));
    act(policy_input(failure.step));
}

void Boot::fail_with_diagnostics() {
    std::string text;
    for (const config::Diagnostic& diagnostic : plan_.diagnostics.sorted()) {
        text += config::render(diagnostic);
    }
    show_failure(text + "prologue: nothing of this config was run\n");
    act(policy_input(nullptr));
}

void Boot::act(const PolicyInput& input) {
    const bool ask = input.policy == OnFailure::kRescue && consoles_.can_read();
    // First, since it drops what was typed before: an answer can come as soon as the question is seen.
    if (ask) consoles_.prepare_keys();
    show(announce(input, ask));
    const Duration bound = ask ? input.settings->rescue_timeout : input.settings->failure_delay;
    if (!supervisor_.stop_requested()) {
        (void)supervisor_.wait(deadline_after(sys_.now(), bound), ask);
    }
    switch (input.policy) {
        case OnFailure::kPowerOff: stop(StopKind::kPowerOff, false);
        case OnFailure::kHalt: stop(StopKind::kHalt, false);
        default: stop(StopKind::kReboot, false);
    }
}

void Boot::stop(StopKind kind, bool success) {
    supervisor_.drain_consoles(deadline_after(sys_.now(), kDrainBound));
    if (board_ != nullptr && board_->end_test != nullptr && !locked_) {
        board_->end_test(values_.command_line, success);
    }
    stop_machine(kind, sys_, supervisor_);
}

}  // namespace

void boot(char** argv, char** envp) {
    // Not on the stack of a function that returns, and never destroyed: children and the real init
    // are left from inside it.
    static Boot* the_boot = new Boot(argv, envp);
    the_boot->run();
}

}  // namespace prologue
