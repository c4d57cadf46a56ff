// SPDX-License-Identifier: MIT
#include "init/stage_runner.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/wait.h>

#include "init/base/compose.h"
#include "init/quiet_kernel.h"
#include "init/report.h"
#include "init/stage_call.h"
#include "stages/coldplug.h"
#include "stages/devices/kernel_devices.h"
#include "stages/kmod/kmod_loader.h"
#include "stages/libmount/libmount_mounter.h"
#if PROLOGUE_DECRYPT
#include "stages/luks/tools.h"
#include "stages/stages.h"
#endif

namespace prologue {
namespace {

// A stage at work, or, when `undo` is set, what brings back the state before it.
class StageTask final : public ChildTask {
  public:
    StageTask(Sys& sys, const StageRun& run, char* const* argv, char* const* envp,
              PassphraseKeeper& keeper, const ImageKeys& image_keys, std::uint64_t undo = 0)
        : sys_(sys),
          run_(run),
          argv_(argv),
          envp_(envp),
          keeper_(keeper),
          image_keys_(image_keys),
          undo_(undo) {}

    // The mark of a stage that can be undone, as bytes. Taken here, since a look at the target may
    // lead through a disk that does not answer, and PID 1 must not wait for one.
    std::string begin() override {
        const StageType& type = *run_.step.type;
        if (type.undo == nullptr || undo_ != 0) return {};
        const Result<Arguments> arguments = Arguments::expand(run_.step, run_.values);
        // What is wrong with them, run() will say.
        const std::uint64_t mark = arguments ? type.mark(*arguments, sys_) : 0;
        std::string bytes(sizeof mark, '\0');
        std::memcpy(bytes.data(), &mark, sizeof mark);
        return bytes;
    }

    std::string run() override {
        const std::unique_ptr<ModuleLoader> modules =
            make_kmod_loader(sys_, run_.values.built_in_words);
        Coldplug coldplug(sys_, *modules);
        UeventListener* const listener = run_.serves_devices ? &coldplug : nullptr;
        const std::unique_ptr<DeviceFinder> devices =
            make_kernel_devices(sys_, run_.step.timeout, listener);
        const std::unique_ptr<Mounter> mounter = make_libmount_mounter();
        StageContext context{sys_,       *mounter,      *modules,      *devices, run_.values,
                             run_.known, run_.deadline, run_.new_root, argv_,    envp_};
        if (run_.step.ask) context.ask = &*run_.step.ask;
#if PROLOGUE_DECRYPT
        const StageType* type = run_.step.type;
        if (type != &kDecryptStage) keeper_.give_up();
        // No other child has a use for them. `mount` renames what `decrypt` has made.
        if (type == &kDecryptStage || type == &kMountStage)
            return work_on_mappings(context, listener);
#else
        keeper_.give_up();
#endif
        return work(context);
    }

  private:
#if PROLOGUE_DECRYPT
    std::string work_on_mappings(StageContext& context, UeventListener* listener) {
        const std::unique_ptr<Luks> luks = make_cryptsetup(sys_);
        const std::unique_ptr<KeySource> keys = make_key_files(sys_, image_keys_.gone());
        const std::unique_ptr<Prompter> prompter = make_console_prompter(sys_, listener);
        const std::unique_ptr<KeptPassphrase> kept = make_kept_passphrase(sys_, keeper_.socket());
        DecryptTools tools{*luks, *keys, *prompter, *kept};
        context.decrypt = &tools;
        return work(context);
    }
#endif
    std::string work(StageContext& context) {
        return encode_report(undo_ == 0 ? call_stage(run_.step, context)
                                        : undo_stage_here(context));
    }
    Result<StageOutcome> undo_stage_here(StageContext& context) {
        const Arguments arguments = TRY(Arguments::expand(run_.step, run_.values));
        TRY_VOID(run_.step.type->undo(arguments, context, undo_));
        return StageOutcome{};
    }

    Sys& sys_;
    const StageRun& run_;
    char* const* argv_;
    char* const* envp_;
    PassphraseKeeper& keeper_;
    [[maybe_unused]] const ImageKeys& image_keys_;
    std::uint64_t undo_;
};

// Takes what begin() said off the message. 0: there is nothing to undo, or it came to nothing.
std::uint64_t take_mark(const StageType& type, std::string& message) {
    std::uint64_t mark = 0;
    if (type.undo == nullptr || message.size() < sizeof mark) return 0;
    std::memcpy(&mark, message.data(), sizeof mark);
    message.erase(0, sizeof mark);
    return mark;
}

// The child did not say how far it had come; where its memory ran out, it could not know.
bool died_at_work(const ChildEnd& end, const Error& error) {
    return end.kind == ChildEnd::Kind::kKilled || end.kind == ChildEnd::Kind::kCancelled ||
           error->kind == ErrorKind::kCrashed || error->errnum == ENOMEM;
}

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
    error->kind = ErrorKind::kCrashed;
    error->op = stage.str();
    error->detail = std::move(what);
    return error;
}

Error stopped(Literal stage, StopRequest request) {
    Error error;
    error->kind = ErrorKind::kStopped;
    error->op = stage.str();
    switch (request) {
        case StopRequest::kPowerButton: error->detail = "the power button was pressed"; break;
        case StopRequest::kCtrlAltDel: error->detail = "Ctrl-Alt-Del was pressed"; break;
        default: error->detail = name_of(request).str() + " wants the machine to stop";
    }
    return error;
}

Error cancelled(Literal stage) {
    Error error;
    error->kind = ErrorKind::kStopped;
    error->op = stage.str();
    error->detail = "interrupted";
    return error;
}

Error killed(const ChildEnd& end, Literal stage, Duration bound) {
    Error error = Error::timeout(
        stage, "", compose("was still at work after {} and was ended", format_duration(bound)));
    error->notes.push_back(end.activity);
    error->hint = "timeout= on this line gives it longer";
    return error;
}

Error stuck(const ChildEnd& end, Literal stage) {
    Error error = Error::timeout(stage, "", "stuck in kernel");
    error->kind = ErrorKind::kStuck;
    error->notes.push_back(end.activity);
    if (!end.kernel_stack.empty()) error->notes.push_back("stack: " + end.kernel_stack);
    error->hint = "a disk or a driver does not answer; the kernel's log may say more";
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
    error->hint = signal == SIGKILL ? "the kernel may have run out of memory; see its log"
                                    : "a fault of this program, or of the machine's memory; "
                                      "retries= tries the line again";
    return error;
}

}  // namespace

Result<StageOutcome> outcome_of(const ChildEnd& end, Literal stage, Duration bound) {
    switch (end.kind) {
        case ChildEnd::Kind::kStopped: return fail(stopped(stage, end.request));
        case ChildEnd::Kind::kCancelled: return fail(cancelled(stage));
        case ChildEnd::Kind::kKilled: return fail(killed(end, stage, bound));
        case ChildEnd::Kind::kStuck: return fail(stuck(end, stage));
        case ChildEnd::Kind::kExited: break;
    }
    std::optional<Result<StageOutcome>> report = decode_report(end.message);
    if (report && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0) return std::move(*report);
    return fail(describe_death(stage, end.status));
}

ForkingRunner::ForkingRunner(Sys& sys, Supervisor& supervisor, Services& services,
                             char* const* argv, char* const* envp)
    : sys_(sys),
      supervisor_(supervisor),
      services_(services),
      argv_(argv),
      envp_(envp),
      keeper_(sys, supervisor),
      image_keys_(sys, supervisor) {}

Result<> ForkingRunner::end_secrets(const Plan& plan, const config::Values& values) {
    keeper_.end();
    return image_keys_.destroy(plan, values);
}

Result<StageOutcome> ForkingRunner::run(const StageRun& run) {
    if (run.step.ask && run.asks_again) keeper_.begin();
    // Here and not in the child, which may be killed before it could take it back.
    std::optional<QuietKernel> quiet;
    if (run.step.ask) {
        quiet.emplace(sys_);
        supervisor_.watch_power_button();
    }
    StageTask task(sys_, run, argv_, envp_, keeper_, image_keys_);
    const Literal name = run.step.type->keyword;
    // The child watches the deadline itself and then says what it saw; PID 1 gives it time for that.
    const Duration asking = run.step.ask ? run.step.ask->bound : Duration(0);
    const Instant hard = deadline_after(deadline_after(run.deadline, asking), kReportGrace);
    ChildEnd end = TRY(supervisor_.run_child(name, task, hard));
    const std::uint64_t mark = take_mark(*run.step.type, end.message);
    Result<StageOutcome> outcome = outcome_of(end, name, run.step.timeout);
    const bool is_half_done =
        !outcome && (run.step.type->undoes_errors || died_at_work(end, outcome.error()));
    if (is_half_done && mark != 0) {
        const Result<> undone = undo(run, mark);
        if (!undone) {
            outcome.error()->notes.push_back("what it had done is still there: " +
                                             describe(undone.error()));
        }
    }
    return outcome;
}

Result<> ForkingRunner::undo(const StageRun& run, std::uint64_t mark) {
    StageTask task(sys_, run, argv_, envp_, keeper_, image_keys_, mark);
    const Instant deadline = deadline_after(sys_.now(), kUndoBound);
    const ChildEnd end = TRY(supervisor_.run_child("undo", task, deadline));
    TRY_VOID(outcome_of(end, "undo", kUndoBound));
    return {};
}

}  // namespace prologue
