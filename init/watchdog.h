// SPDX-License-Identifier: MIT
// The machine's watchdog, for `set watchdog`: it resets the machine when PID 1 feeds it no longer.
// Sources: Documentation/watchdog/watchdog-api.rst and watchdog-kernel-api.rst of Linux, inotify(7).
//
// It is opened as soon as its node appears in /dev, which the kernel makes for its driver. It is fed
// in PID 1's one loop and nowhere else, so not while PID 1 is stuck; and not when a child is past its
// deadline and PID 1 should have ended it long ago. Where PID 1 waits for a person it is fed.
#pragma once

#include <string>

#include "init/base/fd.h"
#include "init/base/sys.h"
#include "init/log.h"
#include "init/plan.h"
#include "init/watch.h"

namespace prologue {

class Watchdog final : public Watch {
  public:
    // Both must outlive it.
    Watchdog(Sys& sys, Log& log) : sys_(sys), log_(log) {}

    // Begins to look for the node `name` in `directory`, and opens it when it is there already.
    void start(const WatchdogSettings& settings, const std::string& directory = "/dev",
               const std::string& name = "watchdog");
    // The real init takes over: with handover=keep it is fed once more and goes on counting until that
    // init opens it, or resets the machine; with handover=stop it is stopped, unless its driver
    // never stops (nowayout).
    void hand_over();
    // The real init did not come: as before hand_over().
    void take_back() { open_device(); }

    void add_poll_entries(std::vector<pollfd>& entries) override;
    [[nodiscard]] Instant wants_turn_at() const override;
    void on_begin(Instant deadline) override;
    // The real init cannot open it while anybody else has it, such as a child that is stuck.
    void enter_child() override { device_.reset(); }
    void on_child_over() override { allowed_until_ = kNever; }
    void react(std::span<const pollfd> entries) override;

    [[nodiscard]] bool is_open() const { return device_.valid(); }

  private:
    void open_device();
    void set_timeout();
    void feed();

    Sys& sys_;
    Log& log_;
    WatchdogSettings settings_;
    std::string path_;
    Fd device_;
    Fd appearances_;  // of nodes beside the device's; closed once it is open
    Duration interval_{0};
    Instant next_feed_ = kNever;
    Instant allowed_until_ = kNever;
};

}  // namespace prologue
