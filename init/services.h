// SPDX-License-Identifier: MIT
// The programs that `service` lines have started. PID 1 is their parent: it starts one again when it
// ends, at once the first time and then with growing pauses, so that a program that cannot live costs
// the machine nothing.
//
// An end within kLongEnough of its start is a quick one. The pause before the n-th start after n quick
// ends in a row is 0, 1, 2, 4 … seconds, at most kMostPause.
#pragma once

#include <vector>

#include "init/log.h"
#include "init/service_session.h"
#include "init/supervisor.h"
#include "stages/stage.h"

namespace prologue {

inline constexpr Duration kLongEnough{10'000};
inline constexpr Duration kMostPause{60'000};

// The pause after so many quick ends in a row.
Duration respawn_pause(unsigned quick_ends);

// Starts the built-in shell on a terminal (a name below /dev); gives its process.
class ShellStarter {
  public:
    virtual ~ShellStarter() = default;
    virtual Result<pid_t> start_shell(const std::string& terminal) = 0;
};

class Services final : public Watch {
  public:
    // All must outlive it.
    Services(Sys& sys, Supervisor& supervisor, Log& log, ShellStarter& shells)
        : sys_(sys), supervisor_(supervisor), log_(log), shells_(shells) {}

    // The terminals (names below /dev) of the config's services that a person types at: what begins
    // earlier leaves them alone.
    void reserve_terminals(std::vector<std::string> terminals) { reserved_ = std::move(terminals); }
    // Starts it now. The error is that of fork(2); a program that cannot be executed says so in the
    // log, and is one that ends at once.
    Result<> begin(const ServiceOrder& order);
    // Somebody else is to type at these terminals (names below /dev): the services that read one of them
    // are ended, by SIGHUP and at last by SIGKILL. They, and others that begin meanwhile, are started
    // behind give_back_terminals(). Runs the loop, for some seconds at most.
    void take_terminals(std::vector<std::string> terminals);
    void give_back_terminals() { taken_.clear(); }
    // Nothing is started any more: the machine is about to stop, or to be handed over.
    void retire();
    [[nodiscard]] std::size_t count() const { return services_.size(); }

    [[nodiscard]] Instant wants_turn_at() const override;
    void on_end(pid_t pid, int status) override;
    void react(std::span<const pollfd> entries) override;

  private:
    struct Service {
        ServiceOrder order;
        pid_t pid = -1;
        Instant began{0};
        Instant next = kNever;  // when it is started again
        unsigned quick_ends = 0;
    };
    Result<> start(Service& service);
    void plan_respawn(Service& service, int status);
    [[nodiscard]] bool has_to_wait(const Service& service) const;
    // Of the kernel's console its own name, "ttyS0".
    [[nodiscard]] std::string real_name(const std::string& terminal) const;
    [[nodiscard]] TerminalUse use_of_terminal(const ServiceOrder& order) const;
    [[nodiscard]] bool end_waiting(int signal);

    Sys& sys_;
    Supervisor& supervisor_;
    Log& log_;
    ShellStarter& shells_;
    std::vector<Service> services_;
    std::vector<std::string> taken_;  // terminals
    std::vector<std::string> reserved_;
    bool is_retired_ = false;
};

}  // namespace prologue
