// SPDX-License-Identifier: MIT
#include "init/stop.h"

namespace prologue {
namespace {

constexpr Duration kSyncBound{5'000};
constexpr Duration kDrainBound{2'000};
constexpr Duration kStopBound{10'000};

class SyncTask final : public ChildTask {
  public:
    explicit SyncTask(Sys& sys) : sys_(sys) {}
    std::string run() override {
        sys_.sync();
        return {};
    }

  private:
    Sys& sys_;
};

class StopTask final : public ChildTask {
  public:
    StopTask(Sys& sys, StopKind kind) : sys_(sys), kind_(kind) {}
    std::string run() override {
        const Result<> stopped = sys_.stop_machine(kind_);
        return stopped ? std::string() : describe(stopped.error());
    }

  private:
    Sys& sys_;
    StopKind kind_;
};

}  // namespace

void stop_machine(StopKind kind, Sys& sys, Supervisor& supervisor) {
    supervisor.ignore_stop_requests();
    supervisor.drain_consoles(deadline_after(sys.now(), kDrainBound));
    SyncTask sync_task(sys);
    // A disk that does not answer must not keep the machine from stopping.
    (void)supervisor.run_child("sync", sync_task, deadline_after(sys.now(), kSyncBound));
    StopTask stop_task(sys, kind);
    const auto end = supervisor.run_child("stop", stop_task, deadline_after(sys.now(), kStopBound));
    // No child to be had: the call from PID 1 is better than a machine that stays on.
    if (!end) (void)sys.stop_machine(kind);
    while (true) (void)supervisor.wait(kNever, false);
}

}  // namespace prologue
