// SPDX-License-Identifier: MIT
// Kernel uevents: the message format, and the seam through which the finder waits for them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/clock.h"
#include "init/base/error.h"

namespace prologue {

struct Uevent {
    std::string action;     // add, change, remove, move, online, offline, bind, unbind
    std::string devpath;    // /devices/…, without /sys
    std::string subsystem;  // block
    std::string modalias;   // of devices that have one

    // The last component of the path: "vda1".
    [[nodiscard]] std::string_view name() const;
};

// One message of the kernel: "ACTION@DEVPATH", then KEY=VALUE strings, each ended by a NUL
// (lib/kobject_uevent.c). Takes any bytes; anything else, such as udev's own binary format, is
// nothing.
std::optional<Uevent> parse_uevent(std::span<const char> message);

struct EventBatch {
    bool timed_out = false;    // the deadline passed and nothing came
    bool overrun = false;      // the kernel dropped messages: only a new scan of /sys is right now
    bool late_answer = false;  // a disk can be read that could not before
    std::vector<Uevent> events;
};

class EventSource {
  public:
    virtual ~EventSource() = default;
    virtual Instant now() = 0;
    // Blocks until something comes or `deadline` passes. A batch may be empty without a timeout,
    // when all that came was not for us. `late_answers` is Prober's, or -1.
    virtual Result<EventBatch> wait(Instant deadline, int late_answers = -1) = 0;
};

// Hears of every event that passes while a search waits ('modules auto' loads drivers this way).
class UeventListener {
  public:
    virtual ~UeventListener() = default;
    virtual void on_event(const Uevent& event) = 0;
    // Events were missed: before the search began to wait, or by an overrun.
    virtual void rescan() = 0;
    // The search has found nothing: adds what it knows about why as notes.
    virtual void explain(Error& error) = 0;
};
// What a wait has brought.
void tell(UeventListener& listener, const EventBatch& batch);

}  // namespace prologue
