// SPDX-License-Identifier: MIT
// Programs and commands in front of a shell: each in a process group of its own that has the terminal
// while it runs, so that its keys (Ctrl-C, Ctrl-Z) reach it alone.   Source: termios(3), credentials(7).
#pragma once

#include <string>

#include <sys/types.h>

#include "init/base/sys.h"
#include "init/rescue/terminal.h"

namespace prologue::rescue {

class JobTask {
  public:
    virtual ~JobTask() = default;
    // In the process of the job; its exit status. May exec.
    virtual int run() = 0;
};

class Jobs {
  public:
    explicit Jobs(Terminal& terminal) : terminal_(terminal) {}
    // Until it has ended or was stopped. What there is to say of it, with a newline; empty when it
    // ended well or by Ctrl-C.
    std::string run(JobTask& task);
    // Goes on with the one that was stopped last.
    std::string resume();

  private:
    std::string wait_for(pid_t group);

    Terminal& terminal_;
    std::vector<pid_t> stopped_;
};

// Executes a program in place of the caller; says why, and 2, when it cannot.
class ProgramTask final : public JobTask {
  public:
    explicit ProgramTask(const ProgramCall& call) : call_(call) {}
    int run() override;

  private:
    const ProgramCall& call_;
};

// The shell's own: keys that stop or end a program are not for it.
void ignore_keys_of_programs();

}  // namespace prologue::rescue
