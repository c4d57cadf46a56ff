// SPDX-License-Identifier: MIT
// The terminal of one shell. The speed of a serial line stays as the kernel has set it.
// Source: termios(3), tty_ioctl(4).
#pragma once

#include <string>

#include <termios.h>

#include "init/base/error.h"

namespace prologue::rescue {

// Ctrl-C, Ctrl-\\, Delete, Ctrl-U, Ctrl-D and Ctrl-Z, whatever an earlier owner has set.
void set_usual_keys(termios& mode);

class Terminal {
  public:
    // Makes `path` the controlling terminal of the caller's session, which must have none, and its
    // descriptors 0, 1 and 2. What was typed before is dropped.
    Result<> take(const std::string& path);
    // Every key as it comes, nothing echoed: for a line editor. Ctrl-S and Ctrl-Q stay the line's own.
    void make_raw();
    // The same, but Ctrl-C is a signal: while somebody else is at work for this terminal.
    void make_waiting();
    // As programs expect it: lines, echo, signals by keys.
    void make_cooked();
    // 80 where it does not say, as on a serial line.
    [[nodiscard]] static std::size_t columns();
    // Writes all of it, however long the line takes.
    static void write(std::string_view text);
    // Gives the terminal back as it should be found, with everything sent.
    void give_back();

  private:
    void set_raw(tcflag_t kept);  // of c_lflag

    termios cooked_{};
};

}  // namespace prologue::rescue
