// SPDX-License-Identifier: MIT
// Runs a stage in a child of PID 1, on the real system, and says what became of it. What a child that
// was killed or has crashed leaves behind is undone before the next try or the failure policy.
#pragma once

#include "init/executor.h"
#include "init/image_keys.h"
#include "init/passphrase_keeper.h"
#include "init/services.h"
#include "init/supervisor.h"

namespace prologue {

class ForkingRunner final : public StageRunner {
  public:
    // `argv` and `envp` are PID 1's own; all must outlive the runner.
    ForkingRunner(Sys& sys, Supervisor& supervisor, Services& services, char* const* argv,
                  char* const* envp);
    Result<StageOutcome> run(const StageRun& run) override;
    Result<> start_service(const ServiceOrder& order) override { return services_.begin(order); }
    char* const* environment() override { return envp_; }
    Result<> end_secrets(const Plan& plan, const config::Values& values) override;

  private:
    Result<> undo(const StageRun& run, std::uint64_t mark);

    Sys& sys_;
    Supervisor& supervisor_;
    Services& services_;
    char* const* argv_;
    char* const* envp_;
    PassphraseKeeper keeper_;
    ImageKeys image_keys_;
};

// What a child's end means: its report, or a crash, a timeout, a stop by a person.
Result<StageOutcome> outcome_of(const ChildEnd& end, Literal stage, Duration bound);

}  // namespace prologue
