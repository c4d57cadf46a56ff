// SPDX-License-Identifier: MIT
// stages/service.cc: starts a program that stays, on a terminal of its own. The child proves that it can
// be started; PID 1 itself is its parent and starts it again (init/services.cc).
// Source: execve(2), setsid(2), ioctl_tty(2).
#include "init/base/compose.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr Literal kShell = "shell";

enum : std::size_t { kPath, kArguments, kTty, kRespawn };
constexpr OptionSpec kOptions[] = {
    {"path", ValueKind::kProgram, Need::kPositional, "the program, or 'shell': the built-in one",
     ""},
    {"arg", ValueKind::kText, Need::kRest, "its arguments, verbatim", ""},
    {"tty", ValueKind::kTerminal, Need::kOption,
     "the terminal that it owns, as in console=", kConsoleTty},
    {"respawn", ValueKind::kBoolean, Need::kOption, "whether it is started again when it ends",
     "yes"},
};

void plan_service(const Step& step, PlanContext& context) {
    const config::Word* path = step.find(kPath);
    const config::Word* tty = step.find(kTty);
    const bool is_shell = path != nullptr && path->is_literal() && path->text() == kShell;
    if (tty != nullptr) {
        context.note_service(tty->is_literal() ? terminal_name(tty->text()) : "");
    } else {
        context.note_service(is_shell ? kConsoleTty.view() : "");
    }
    if (!is_shell) return;
    if (context.is_locked()) {
        context.diagnostics().error(path->span, "a locked image has no shell",
                                    "remove the line, or 'set rescue locked'");
    }
    if (!step.rest.empty()) {
        context.diagnostics().error(step.rest.front().span, "the built-in shell takes no arguments",
                                    "a program is named by its path: '/bin/sh'");
    }
}

ServiceOrder order_of(const Arguments& arguments, char* const* environment) {
    ServiceOrder order;
    order.tty = terminal_name(arguments.text(kTty));
    order.names_tty = arguments.has(kTty);
    order.respawn = arguments.text(kRespawn) == "yes";
    if (arguments.text(kPath) == kShell) return order;
    order.program.path = arguments.text(kPath);
    order.program.argv = {order.program.path};
    order.program.argv.insert(order.program.argv.end(), arguments.rest().begin(),
                              arguments.rest().end());
    order.program.envp = program_environment("", environment);
    return order;
}

// The kernel's console needs no node: PID 1 has it open since the kernel started it.
Result<> check_terminal(const std::string& name, Sys& sys) {
    if (name == kConsoleTty) return {};
    const std::string path = "/dev/" + name;
    const Result<FileInfo> info = sys.stat(path);
    if (info && info->type == FileType::kCharacter) return {};
    Error error = info ? Error::refused("stat", path, "is no terminal") : info.error();
    error->hint = "'modules' loads the driver of a terminal; console is the kernel's own";
    return fail(std::move(error));
}

Result<StageOutcome> run_service(const Arguments& arguments, StageContext& context) {
    const ServiceOrder order = order_of(arguments, context.init_envp);
    Result<> checked = check_terminal(order.tty, context.sys);
    if (checked && !order.is_shell()) {
        checked = context.sys.trial_exec(order.program);
        if (!checked) checked.error() = explain_exec(checked.error());
    }
    if (!checked) {
        checked.error()->op = "service";
        return fail(checked.error());
    }
    StageOutcome outcome;
    outcome.summary = compose("{} on {}", order.name(), order.tty);
    return outcome;
}

}  // namespace

constinit const StageType kServiceStage = {.keyword = "service",
                                           .summary = "start a program that stays",
                                           .options = kOptions,
                                           .verbatim = true,
                                           .plan = plan_service,
                                           .run = run_service,
                                           .service = order_of};

}  // namespace prologue
