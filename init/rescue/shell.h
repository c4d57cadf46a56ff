// SPDX-License-Identifier: MIT
// The shell itself: a process of its own, which leads a session and owns one terminal. It edits lines,
// runs the commands that only look at files and processes, and programs; stage lines and everything
// about the boot it asks of PID 1, through one end of make_link(). PID 1 hears of its end by that
// link's, whatever ends it.
#pragma once

#include <optional>
#include <string>

#include "init/base/sys.h"
#include "init/rescue/typed_line.h"

namespace prologue::rescue {

struct ShellSetup {
    std::string prompt;    // "[rescue] # "
    std::string terminal;  // "/dev/ttyS0"
    int requests = -1;     // this shell's end of the link
    std::string greeting;  // shown above the first prompt
    // Asked for before anything else; empty: no password fits.
    std::optional<std::string> password_hash;
    const Settings* settings = nullptr;      // for the defaults of an `exec` that is typed
    const config::Values* values = nullptr;  // what `${…}` stands for; a copy is made
    std::string board;                       // its name
    char* const* envp = nullptr;             // for programs
};

// In a child of PID 1 that leads a session and has no terminal (Supervisor::start() makes one). Closes
// every descriptor but the link. Ends when PID 1 says so, when the link closes, or with its terminal;
// the terminal is then as a program wants to find it.
[[noreturn]] void run_shell(const ShellSetup& setup, Sys& sys);

}  // namespace prologue::rescue
