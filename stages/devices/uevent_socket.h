// SPDX-License-Identifier: MIT
// The kernel's uevents as they come, through a netlink socket. Opened before the first scan of
// /sys, so that a device which appears in between is seen twice rather than never.
#pragma once

#include "init/base/fd.h"
#include "init/base/sys.h"
#include "stages/devices/uevent.h"

namespace prologue {

class UeventSocket final : public EventSource {
  public:
    static Result<UeventSocket> open(Sys& sys);

    Instant now() override;
    Result<EventBatch> wait(Instant deadline, int late_answers = -1) override;
    // Readable when a message has come; stays the socket's.
    [[nodiscard]] int fd() const { return socket_.get(); }

  private:
    UeventSocket(Sys& sys, Fd socket) : sys_(&sys), socket_(std::move(socket)) {}

    // Reads all that is queued. False when the queue is empty.
    Result<bool> receive_one(EventBatch& batch);

    Sys* sys_;
    Fd socket_;
};

}  // namespace prologue
