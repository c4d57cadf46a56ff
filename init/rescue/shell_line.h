// SPDX-License-Identifier: MIT
// The two lines that a shell waits for: its terminal and PID 1's link. Nothing else in a shell waits,
// but for a program in front of it.
#pragma once

#include <string>

#include "config/values.h"
#include "init/base/sys.h"
#include "init/rescue/protocol.h"

namespace prologue::rescue {

class ShellLine {
  public:
    ShellLine(Sys& sys, int requests) : sys_(sys), requests_(requests) {}

    // The next byte that was typed; false when the shell has to end.
    bool next_byte(char& byte);
    // Asks PID 1 to run a line, and shows what it says until it is done. Ctrl-C, as a signal of the
    // terminal (Terminal::make_waiting()), is passed on. No key is read: they are for whoever asks
    // there meanwhile, such as for a passphrase, and else for the next prompt. False when the shell has
    // to end.
    bool ask(std::string_view line, config::Values& values);
    // Shows nothing and takes no key for so long; false when the shell has to end.
    bool rest(Duration time);
    // Tells PID 1.
    void tell(Request request) { (void)send(requests_, request); }
    // Drops what was typed ahead.
    void forget_keys();

  private:
    enum class Event { kKeys, kInterrupt, kMessage, kDeadline, kEnd };
    Event wait(Instant deadline, bool keys);
    bool read_keys();
    // Whether Ctrl-C was typed before it became a signal.
    bool was_interrupted();
    bool take_message(Message& message);
    void note_activity();

    Sys& sys_;
    int requests_;
    Fd interrupts_;     // while PID 1 is asked
    std::string keys_;  // typed and not taken yet
    Instant told_{0};   // when PID 1 last heard that somebody is there
};

}  // namespace prologue::rescue
