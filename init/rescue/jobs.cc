// SPDX-License-Identifier: MIT
#include "init/rescue/jobs.h"

#include <cerrno>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/program.h"

namespace prologue::rescue {
namespace {

constexpr int kKeySignals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

void set_key_signals(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    for (const int signal : kKeySignals) (void)sigaction(signal, &action, nullptr);
}

std::string describe_end(int status) {
    // A command of ours that fails has said why.
    if (WIFEXITED(status) && WEXITSTATUS(status) <= 2) return {};
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) return "\n";
    return describe_status(status) + "\n";
}

}  // namespace

void ignore_keys_of_programs() {
    set_key_signals(SIG_IGN);
}

std::string Jobs::run(JobTask& task) {
    terminal_.make_cooked();
    const pid_t pid = fork();
    if (pid < 0) {
        terminal_.make_raw();
        return compose("error: {}\n", describe(Error::system("fork", errno)));
    }
    if (pid == 0) {
        (void)setpgid(0, 0);
        (void)tcsetpgrp(0, getpid());  // while SIGTTOU is still ignored
        set_key_signals(SIG_DFL);
        _exit(task.run());
    }
    (void)setpgid(pid, pid);  // in both, so that neither can be too late for the other
    return wait_for(pid);
}

std::string Jobs::resume() {
    if (stopped_.empty()) return "error: no program was stopped\n";
    const pid_t group = stopped_.back();
    stopped_.pop_back();
    terminal_.make_cooked();
    (void)tcsetpgrp(0, group);
    (void)kill(-group, SIGCONT);
    return wait_for(group);
}

std::string Jobs::wait_for(pid_t group) {
    int status = 0;
    pid_t got = 0;
    do {
        got = waitpid(group, &status, WUNTRACED);
    } while (got < 0 && errno == EINTR);
    (void)tcsetpgrp(0, getpgrp());
    terminal_.make_raw();
    if (got < 0) return compose("error: {}\n", describe(Error::system("wait", errno)));
    if (!WIFSTOPPED(status)) return describe_end(status);
    stopped_.push_back(group);
    return "\nstopped; 'fg' goes on with it\n";
}

int ProgramTask::run() {
    Terminal::write(compose("error: {}\n", describe(execute(call_))));
    return 2;
}

}  // namespace prologue::rescue
