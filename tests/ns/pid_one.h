// SPDX-License-Identifier: MIT
// PID 1 of a sandbox with its loop open, and children for it.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include "init/supervisor.h"
#include "tests/ns/forwarding_sys.h"
#include "tests/ns/sandbox.h"

namespace prologue::ns {

[[noreturn]] inline void spin() {
    while (true) (void)getppid();  // a call, since a loop that does nothing may be left out
}

class FunctionTask final : public ChildTask {
  public:
    explicit FunctionTask(std::string (*body)()) : body_(body) {}
    std::string run() override { return body_(); }

  private:
    std::string (*body_)();
};

struct PidOne {
    ForwardingSys sys;
    Consoles consoles;
    SilentLog log;
    Supervisor supervisor{sys, consoles, log};

    PidOne() {
        EXPECT(supervisor.open().has_value());
        // The sanitizers' shadow memory counts as data: under PID 1's own limit they could not go on.
        const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
        (void)setrlimit(RLIMIT_DATA, &unlimited);
    }
    ChildEnd run(std::string (*body)(),
                 std::chrono::milliseconds bound = std::chrono::milliseconds(20'000)) {
        FunctionTask task(body);
        const Result<ChildEnd> end =
            supervisor.run_child("test", task, deadline_after(sys.now(), bound));
        EXPECT(end.has_value());
        return end ? *end : ChildEnd{};
    }
};

}  // namespace prologue::ns
