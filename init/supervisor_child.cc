// SPDX-License-Identifier: MIT
// The child's side of the supervisor: what a process is before it begins its work.
#include <cerrno>
#include <csignal>

#include <sys/prctl.h>
#include <unistd.h>

#include "init/base/heap.h"
#include "init/crash.h"
#include "init/supervisor.h"

namespace prologue {
namespace {

void write_all(int fd, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = write(fd, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;  // PID 1 notices the incomplete report
        done += static_cast<std::size_t>(written);
    }
}

}  // namespace

void Supervisor::become_child(Literal name) const {
    begin_heap_page();
    for (Watch* watch : watches_) watch->enter_child();
    restore_default_signals();
    (void)sigprocmask(SIG_SETMASK, &original_.signal_mask, nullptr);
    (void)prlimit(0, RLIMIT_DATA, &original_.data_limit, nullptr);
    (void)prctl(PR_SET_NAME, std::string(name.view()).c_str());
}

void Supervisor::run_in_child(Literal name, ChildTask& task, int report) const {
    (void)setpgid(0, 0);
    set_report_for_out_of_memory(name, report);
    become_child(name);
    write_all(report, task.begin());
    write_all(report, task.run());
    _exit(0);
}

Result<pid_t> Supervisor::start(Literal name, SessionTask& task) {
    const pid_t pid = fork();
    if (pid < 0) return fail(Error::system("fork", errno));
    if (pid > 0) return pid;
    (void)setsid();
    become_child(name);
    task.run();
    _exit(0);
}

}  // namespace prologue
