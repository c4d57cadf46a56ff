// SPDX-License-Identifier: MIT
#include "init/stage_runner.h"

#include <csignal>
#include <cstring>

#include <sys/wait.h>

#include "init/report.h"
#include "stages/devices/kernel_devices.h"
#include "stages/kmod/kmod_loader.h"
#include "stages/libmount/libmount_mounter.h"

namespace prologue {
namespace {

class StageTask final : public ChildTask {
  public:
    StageTask(Sys& sys, const StageRun& run, char* const* argv, char* const* envp)
        : sys_(sys), run_(run), argv_(argv), envp_(envp) {}

    std::string run() override {
        const std::unique_ptr<DeviceFinder> devices = make_kernel_devices(sys_);
        const std::unique_ptr<ModuleLoader> modules = make_kmod_loader(sys_, run_.values.built_in_words);
        const std::unique_ptr<Mounter> mounter = make_libmount_mounter();
        StageContext context{sys_,       *mounter,     *modules,      *devices, run_.values,
                             run_.known, run_.deadline, run_.new_root, argv_,    envp_};
        return encode_report(run_stage_here(run_.step, context));
    }

  private:
    Sys& sys_;
    const StageRun& run_;
    char* const* argv_;
    char* const* envp_;
};

std::string_view name_of_signal(int signal) {
    switch (signal) {
        case SIGSEGV: return "SIGSEGV";
        case SIGBUS: return "SIGBUS";
        case SIGILL: return "SIGILL";
        case SIGFPE: return "SIGFPE";
        case SIGABRT: return "SIGABRT";
        case SIGKILL: return "SIGKILL";
        case SIGSYS: return "SIGSYS";
        case SIGPIPE: return "SIGPIPE";
        default: return {};
    }
}

Error crash(Literal stage, std::string what) {
    Error error;
    error.kind = ErrorKind::kCrashed;
    error.op = stage.str();
    error.detail = std::move(what);
    return error;
}

Error stopped(Literal stage) {
    Error error;
    error.kind = ErrorKind::kStopped;
    error.op = stage.str();
    error.detail = "Ctrl-Alt-Del was pressed";
    return error;
}

Error describe_death(Literal stage, int status) {
    if (!WIFSIGNALED(status)) {
        return crash(stage, "ended without a report, exit status " +
                                std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : status));
    }
    const int signal = WTERMSIG(status);
    const std::string_view name = name_of_signal(signal);
    Error error = crash(stage, "crashed: " + (name.empty() ? "signal " + std::to_string(signal)
                                                           : std::string(name)));
    if (signal == SIGKILL) error.hint = "the kernel may have run out of memory; see its log";
    return error;
}

}  // namespace

Result<StageOutcome> outcome_of(const ChildEnd& end, Literal stage, Duration bound) {
    switch (end.kind) {
        case ChildEnd::Kind::kStopped:
            return fail(stopped(stage));
        case ChildEnd::Kind::kKilled:
            return fail(Error::timeout(stage, "", "was still at work after " + format_duration(bound) +
                                                      " and was ended"));
        case ChildEnd::Kind::kStuck: {
            Error error = Error::timeout(stage, "", "stuck in kernel");
            error.notes.push_back(end.kernel_state);
            error.hint = "a device or driver does not answer; the kernel's log may say which";
            return fail(std::move(error));
        }
        case ChildEnd::Kind::kExited: break;
    }
    std::optional<Result<StageOutcome>> report = decode_report(end.message);
    if (report && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0) return std::move(*report);
    return fail(describe_death(stage, end.status));
}

ForkingRunner::ForkingRunner(Sys& sys, Supervisor& supervisor, char* const* argv, char* const* envp)
    : sys_(sys), supervisor_(supervisor), argv_(argv), envp_(envp) {}

Result<StageOutcome> ForkingRunner::run(const StageRun& run) {
    StageTask task(sys_, run, argv_, envp_);
    const Literal name = run.step.type->keyword;
    // The child watches the deadline itself and then says what it saw; PID 1 gives it time for that.
    const Instant hard = deadline_after(run.deadline, kReportGrace);
    const ChildEnd end = TRY(supervisor_.run_child(name, task, hard));
    return outcome_of(end, name, run.step.timeout);
}

}  // namespace prologue
