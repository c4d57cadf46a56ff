// SPDX-License-Identifier: MIT
// The consoles of the kernel, for what a person must see: failure blocks. A write never blocks: each
// console has its own open description and a bounded queue, and what does not fit is counted and
// dropped. A console that cannot be opened or written is left out, never an error: `console=null`
// answers ENODEV and a missing UART EIO.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <poll.h>

#include "init/base/clock.h"
#include "init/base/console_names.h"
#include "init/base/fd.h"
#include "init/base/sys.h"

namespace prologue {

class Consoles {
  public:
    // Opens every console of /sys/class/tty/console/active and `extra` (names below /dev), or
    // /dev/console when the list cannot be read.
    void open(Sys& sys, const std::vector<std::string>& extra);
    // Closes all: PID 1 must hold no terminal while somebody else owns it.
    void close();

    // Queues text for every console.
    void show(std::string_view text);
    // Adds a poll entry for each console: writable where something is queued, readable when
    // `want_keys`. Indices are the consoles' own order.
    void add_poll_entries(std::vector<pollfd>& entries, bool want_keys) const;
    // Writes what a console will take now.
    void flush();
    [[nodiscard]] bool drained() const;
    // Starts what Ctrl-S has stopped, and lets it stop nothing any more: the machine is about to end.
    void start_output();
    // True when something was shown that a line may still have to send.
    [[nodiscard]] bool were_used() const { return used_; }
    // Blocks until the lines have sent everything; for a child of PID 1.
    void wait_until_sent();
    // Turns canonical mode and echo off so that one key is enough; restore_input() undoes it. The
    // speed of a serial line is not touched.
    void prepare_keys();
    void restore_input();
    [[nodiscard]] bool can_read() const;
    // Reads and forgets pending input of every console; true when there was any.
    bool take_keys();

  private:
    struct Console {
        Fd fd;
        std::string queue;
        std::size_t dropped = 0;
        bool readable = false;
        bool changed = false;              // its mode was changed and is kept in `saved`
        std::vector<unsigned char> saved;  // struct termios
    };
    void add(const std::string& name);
    std::vector<Console> consoles_;
    bool used_ = false;
};

}  // namespace prologue
