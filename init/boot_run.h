// SPDX-License-Identifier: MIT
// One boot: what PID 1 knows of it, in the order in which it comes to know it. boot.cc has the way to
// the plan's end, boot_rescue.cc the rescue shell, boot_supervise.cc the services, boot_end.cc what
// follows a failure and how the machine stops.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "board/board.h"
#include "init/base/sys_linux.h"
#include "init/failure.h"
#include "init/rescue/session.h"
#include "init/role.h"
#include "init/service_shells.h"
#include "init/services.h"
#include "init/stage_runner.h"
#include "init/supervisor.h"
#include "init/timeline.h"
#include "init/watchdog.h"

namespace prologue {

class Boot final : private rescue::SessionHost, private ShellStarter {
  public:
    Boot(char** argv, char** envp, std::span<char> crash_stack)
        : argv_(argv),
          envp_(envp),
          crash_stack_(crash_stack),
          runner_(sys_, supervisor_, services_, argv, envp),
          executor_(sys_, runner_, log_, values_) {}
    [[noreturn]] void run();

  private:
    void make_machine_readable();
    void take_role();
    void read_machine();
    Result<config::Source> choose_config();
    void obey_settings();
    void start_watchdog();
    void log_warnings();
    [[nodiscard]] Plan plan_of(const config::Source& config) const;
    [[nodiscard]] bool is_rescue_asked() const;
    [[noreturn]] void rescue_as_asked(const Result<config::Source>& config);
    [[noreturn]] void run_plan();
    [[noreturn]] void supervise();
    [[noreturn]] void follow(PlanEnd end);
    [[noreturn]] void hand_over_to(const StageOutcome& outcome);
    [[nodiscard]] std::string time_spent();
    [[nodiscard]] PolicyInput policy_input(const Step* step) const;
    void show(const std::string& text);
    void show_failure(const std::string& text);
    [[noreturn]] void fail_with(const Failure& failure);
    [[noreturn]] void fail_with_diagnostics();
    [[noreturn]] void act(const PolicyInput& input, rescue::Entry entry);
    [[noreturn]] void wait_and_stop(const PolicyInput& input);
    void take_terminals();
    [[noreturn]] void rescue(rescue::Entry entry);
    rescue::SessionEnd run_session(rescue::Entry entry);
    void serve_devices() override;
    std::string replan() override;
    Result<pid_t> start_shell(const std::string& terminal) override;
    [[noreturn]] void grant(rescue::Wish wish);
    void obey_stop_request();
    void end_processes();
    [[noreturn]] void stop(StopKind kind, bool success);

    char** argv_;
    char** envp_;
    std::span<char> crash_stack_;
    LinuxSys sys_;
    Consoles consoles_;
    KernelLog log_;
    Supervisor supervisor_{sys_, consoles_, log_};
    Watchdog watchdog_{sys_, log_};
    Services services_{sys_, supervisor_, log_, *this};
    BootTimes times_;
    Role role_ = Role::kFallback;
    bool locked_ = false;
    const Board* board_ = nullptr;
    config::Values values_;
    ForkingRunner runner_;
    Executor executor_;
    config::Source prelude_;
    std::unique_ptr<config::Source> config_ = std::make_unique<config::Source>();
    Plan plan_;
    bool processes_are_ended_ = false;
    bool devices_are_served_ = false;  // by a process of its own
    std::string failure_text_;         // the block that was shown last
    std::optional<ServiceShells> shells_;
};

}  // namespace prologue
