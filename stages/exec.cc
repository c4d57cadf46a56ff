// SPDX-License-Identifier: MIT
// stages/exec.cc: runs one program to its end. It lives in the stage child's process group, so that a
// deadline ends it with everything it started.   Source: execve(2), wait(2).
#include "stages/stages.h"

#include <algorithm>
#include <cerrno>

#include <sys/wait.h>

#include "init/base/program.h"
#include "init/base/split.h"

namespace prologue {
namespace {

enum : std::size_t { kPath, kArguments, kEnvironment };
constexpr OptionSpec kOptions[] = {
    {"path", ValueKind::kPath, Need::kPositional, "the program", ""},
    {"arg", ValueKind::kText, Need::kRest, "its arguments, verbatim", ""},
    {"env", ValueKind::kText, Need::kOption, "NAME=VALUE,… added to its environment", ""},
};

Result<StageOutcome> run_exec(const Arguments& arguments, StageContext& context) {
    const ProgramCall call = program_of(arguments, context.init_envp);
    const Result<int> status = context.sys.run_program(call);
    if (!status) return fail(explain_exec(status.error()));
    if (WIFSIGNALED(*status) || WEXITSTATUS(*status) != 0) {
        Error error = Error::not_found("exec", call.path, describe_status(*status));
        // Not kRefused, which no retry would follow.
        error->kind = WIFSIGNALED(*status) ? ErrorKind::kCrashed : ErrorKind::kSystem;
        return fail(std::move(error));
    }
    StageOutcome outcome;
    outcome.summary = call.path;
    return outcome;
}

}  // namespace

ProgramCall program_of(const Arguments& arguments, char* const* envp) {
    ProgramCall call;
    call.path = arguments.text(kPath);
    call.argv = {call.path};
    call.argv.insert(call.argv.end(), arguments.rest().begin(), arguments.rest().end());
    call.envp = program_environment(arguments.text(kEnvironment), envp);
    return call;
}

std::vector<std::string> program_environment(std::string_view extra, char* const* inherited) {
    std::vector<std::string> list;
    // Each name once: where it stands twice, getenv(3) takes the first and a shell the last.
    const auto add = [&list](std::string_view word) {
        const std::string_view name = word.substr(0, word.find('=') + 1);
        const bool is_known = std::any_of(
            list.begin(), list.end(),
            [name](const std::string& other) { return !name.empty() && other.starts_with(name); });
        if (!is_known) list.emplace_back(word);
    };
    while (!extra.empty()) add(take_part(extra, ','));
    for (char* const* entry = inherited; entry != nullptr && *entry != nullptr; ++entry)
        add(*entry);
    add("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    return list;
}

Error explain_exec(Error error) {
    if (error->errnum == ENOENT) {
        error->hint = "the file or its interpreter is not in the image: 'prologue initramfs --add'";
    }
    if (error->errnum == EACCES) error->hint = "it is not executable, or lies on a noexec mount";
    return error;
}

constinit const StageType kExecStage = {
    "exec", "run a program to its end", kOptions, false, Ending::kNone, true, nullptr, run_exec};

}  // namespace prologue
