// SPDX-License-Identifier: MIT
// PID 1's side of all shells: starts them, hears what they ask, and ends them. A shell that dies, floods
// its link or does not read it is ended and reported as such; none of it can hold PID 1 up.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "init/base/fd.h"
#include "init/rescue/protocol.h"
#include "init/rescue/shell.h"
#include "init/supervisor.h"

namespace prologue::rescue {

// Passwords that may be wrong before the shell is taken away.
inline constexpr unsigned kMostWrongPasswords = 3;

// What all shells of a boot have in common; prompt, terminal and greeting are the caller's.
ShellSetup setup_of_shell(const Settings& settings, const config::Values& values, std::string board,
                          char* const* envp);

// One shell as PID 1 sees it. What a Watch has taken note of; its owner acts on it and clears it.
struct ShellLink {
    std::string terminal;
    pid_t pid = -1;
    Fd fd;                  // closed once the shell has said its last word
    bool reaped = false;    // its process has ended
    bool unlocked = false;  // somebody uses it
    bool busy = false;      // a program has its terminal
    bool in_work = false;   // its line is what PID 1 is at
    bool was_touched = false;
    unsigned wrong_passwords = 0;
    Instant last_key{0};
    std::optional<std::string> line;  // to be run, and answered with finish()

    [[nodiscard]] bool is_open() const { return fd.valid(); }
};

class Shells final : public Watch {
  public:
    // Both must outlive it. Watched from here on.
    Shells(Sys& sys, Supervisor& supervisor);
    ~Shells() override;
    Shells(const Shells&) = delete;
    Shells& operator=(const Shells&) = delete;

    // Starts a shell; `setup.requests` is filled in. What it gives stays valid until forget().
    Result<ShellLink*> start(ShellSetup setup);
    // Shows a text on its screen, or notes that it cannot be had any more.
    void show(ShellLink& link, std::string_view text);
    // What a line has yielded.
    void tell_fact(ShellLink& link, const std::string& name, const std::string& path);
    // The line is done: the next prompt.
    void finish(ShellLink& link);
    // Asks a shell to end.
    void dismiss(ShellLink& link, std::string_view text);
    // Ends all, which get `grace` to give their terminals back.
    void end_all(Duration grace);
    // Drops those whose process has ended.
    void forget_ended();
    // One of those; the others may still be looked at.
    void forget(const ShellLink& link);
    [[nodiscard]] const std::vector<std::unique_ptr<ShellLink>>& all() const { return links_; }

    void add_poll_entries(std::vector<pollfd>& entries) override;
    void on_end(pid_t pid, int status) override;
    void react(std::span<const pollfd> entries) override;

  private:
    void take_messages(ShellLink& link);
    void take(ShellLink& link, const Message& message);
    void give_up(ShellLink& link);
    bool wait_for_ends(Duration bound);

    Sys& sys_;
    Supervisor& supervisor_;
    std::vector<std::unique_ptr<ShellLink>> links_;
};

}  // namespace prologue::rescue
