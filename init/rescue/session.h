// SPDX-License-Identifier: MIT
// A rescue session: from the moment at which PID 1 gives the consoles away to the decision of the person
// who got one. On every console a shell waits; the first at which somebody types (and knows the
// password) has the machine, and the others end. PID 1 holds no terminal meanwhile, and the kernel is
// asked to be quieter.
//
// What can happen to a shell has an end: one that dies is started again, a few times; three wrong
// passwords, a shell that nobody uses for `set rescue-timeout`, and consoles that cannot be had lead to
// the policy.
#pragma once

#include <string>
#include <vector>

#include "init/consoles.h"
#include "init/rescue/desk.h"

namespace prologue::rescue {

// Why the shell opens. It decides where `continue` goes on.
enum class Entry : std::uint8_t {
    kAsked,      // rdinit=/rescue, prologue.rescue: before the first line
    kBreak,      // prologue.break=: before the line
    kLine,       // a `shell` line: behind it
    kFailure,    // a line has failed: with the line that ends the config
    kBadConfig,  // there is no plan to run
};

// What only the boot can do.
class SessionHost {
  public:
    virtual ~SessionHost() = default;
    // Reads the config again and plans it. The text of what is wrong with it, and the old plan stays;
    // empty when all is well.
    virtual std::string replan() = 0;
    // What appears from now on gets its driver, where a line has asked for that.
    virtual void serve_devices() = 0;
};

struct SessionParts {
    Sys& sys;
    Supervisor& supervisor;
    Consoles& consoles;
    KernelLog& log;
    Executor& executor;
    config::Values& values;
    const Plan& plan;  // replan() changes it
    SessionHost& host;
    std::string board;
    char* const* envp = nullptr;
};

struct SessionEnd {
    enum class Kind : std::uint8_t {
        kPlanEnd,  // the plan has come to its end; see `end`
        kPolicy,   // nobody was there, or nobody who may: as if there were no shell
        kReboot,
        kPowerOff,
        kStopRequest,  // Ctrl-Alt-Del and its like
    };
    Kind kind = Kind::kPolicy;
    bool at_once = false;
    PlanEnd end;
    std::string why;  // kPolicy
};

class Session {
  public:
    // `failure` is the block that was shown, for `why`; empty without one.
    Session(const SessionParts& parts, Entry entry, std::string failure);
    // Until somebody has decided. The consoles are closed; the caller opens them again when it needs
    // them.
    SessionEnd run();

  private:
    // A console, and the shell that waits there.
    struct Seat {
        std::string terminal;  // "ttyS0"
        unsigned starts = 0;   // of shells that nobody has used
        ShellLink* link = nullptr;
    };

    void give_consoles_away();
    void open_shell(Seat& seat);
    void open_free_seats();
    void look_after(Seat& seat);
    void make_owner(Seat& seat);
    void after_end(Seat& seat);
    void count_wrong_passwords(unsigned count);
    void answer_owner();
    void act_on(Wish wish);
    void retry();
    void skip();
    void go_on();
    void run_plan(std::size_t first);
    void say(const std::string& text) { shells_.show(*owner_->link, text); }
    void end_with(SessionEnd::Kind kind, std::string why = {});
    [[nodiscard]] bool wants_password() const;
    [[nodiscard]] Instant deadline() const;

    SessionParts parts_;
    Entry entry_;
    std::string failure_;
    Shells shells_;
    Desk desk_;
    std::vector<Seat> seats_;
    Seat* owner_ = nullptr;  // where somebody uses the shell
    unsigned wrong_passwords_ = 0;
    Instant last_use_{0};
    bool is_over_ = false;
    SessionEnd end_;
};

// What announces the shell on the consoles: "prologue: the rescue shell is open (on-failure=rescue)".
std::string announce_shell(const Settings& settings, Entry entry);
// The consoles on which a shell opens, without "/dev/": those of `set prompt-consoles`, or else the
// kernel's active ones.
std::vector<std::string> shell_terminals(Sys& sys, const Settings& settings);
// False where no shell may open: a locked image, or a password that is no hash.
bool may_open(const Settings& settings);

}  // namespace prologue::rescue
