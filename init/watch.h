// SPDX-License-Identifier: MIT
// Who else lives in PID 1's one loop, whatever the loop waits for: a shell's requests come in, and a
// service is started again, while a stage is at work.
#pragma once

#include <span>
#include <vector>

#include <poll.h>
#include <sys/types.h>

#include "init/base/clock.h"

namespace prologue {

class Watch {
  public:
    virtual ~Watch() = default;
    // Its descriptors. Only events that react() takes: one that stays would make the loop spin.
    virtual void add_poll_entries(std::vector<pollfd>& /*entries*/) {}
    // When it wants to react, whether anything has happened or not.
    [[nodiscard]] virtual Instant wants_turn_at() const { return kNever; }
    // A child begins that PID 1 will wait for and end at `deadline`, and is over.
    virtual void on_begin(Instant /*deadline*/) {}
    virtual void on_child_over() {}
    // In a new child, before it does anything: closes what PID 1 alone may hold.
    virtual void enter_child() {}
    // A process has ended and was reaped; `status` is wait(2)'s. Orphans that PID 1 has inherited come
    // here, too; the child that Supervisor::run_child() waits for does not.
    virtual void on_end(pid_t /*pid*/, int /*status*/) {}
    // Behind each poll: the entries that it added. Must not block, and must not run a child.
    virtual void react(std::span<const pollfd> /*entries*/) {}
};

}  // namespace prologue
