// SPDX-License-Identifier: MIT
// PID 1's part in keeping a typed passphrase from one `decrypt` line to the next: it starts the process
// that keeps it, hands the socket to the children that may ask, and ends it. The passphrase itself
// never comes here.
#pragma once

#include "init/supervisor.h"

namespace prologue {

#if PROLOGUE_DECRYPT
class PassphraseKeeper final : private Watch {
  public:
    // All must outlive it.
    PassphraseKeeper(Sys& sys, Supervisor& supervisor) : sys_(sys), supervisor_(supervisor) {}
    // Unless there is one, or end() was called. Without one a person is asked once more, so that what
    // goes wrong here stops nothing.
    void begin();
    // For a child: the line to the keeper, or -1.
    [[nodiscard]] int socket() const { return line_.get(); }
    // In a child that has no business with it.
    void give_up() { line_.reset(); }
    // Wiped and gone when this returns; there is no other one in this boot.
    void end();

  private:
    void on_end(pid_t pid, int status) override;
    void wait_for_its_end();

    Sys& sys_;
    Supervisor& supervisor_;
    Fd line_;
    pid_t pid_ = -1;
    bool is_over_ = false;
};
#else
// Without the stage nobody asks.
class PassphraseKeeper final {
  public:
    PassphraseKeeper(Sys& /*sys*/, Supervisor& /*supervisor*/) {}
    void begin() {}
    void give_up() {}
    void end() {}
};
#endif

}  // namespace prologue
