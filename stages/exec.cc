// SPDX-License-Identifier: MIT
// stages/exec.cc: runs one program to its end. It lives in the stage child's process group, so that a
// deadline ends it with everything it started.   Source: execve(2), wait(2).
#include "stages/stages.h"

#include <cerrno>

#include <sys/wait.h>

#include "init/base/split.h"

namespace prologue {
namespace {

enum : std::size_t { kPath, kArguments, kEnvironment };
constexpr OptionSpec kOptions[] = {
    {"path", ValueKind::kPath, Need::kPositional, "the program", ""},
    {"arg", ValueKind::kText, Need::kRest, "its arguments, verbatim", ""},
    {"env", ValueKind::kText, Need::kOption, "NAME=VALUE,… added to its environment", ""},
};

std::vector<std::string> environment(const std::string& extra, char* const* inherited) {
    // Where a name stands twice, getenv(3) takes the first: the line's own words come first.
    std::vector<std::string> list;
    std::string_view rest = extra;
    while (!rest.empty()) list.emplace_back(take_part(rest, ','));
    for (char* const* entry = inherited; entry != nullptr && *entry != nullptr; ++entry) {
        list.emplace_back(*entry);
    }
    list.emplace_back("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    return list;
}

Error explain(Error error) {
    if (error.errnum == ENOENT) {
        error.hint = "the file or its interpreter is not in the image: 'prologue initramfs --add'";
    }
    if (error.errnum == EACCES) error.hint = "it is not executable, or lies on a noexec mount";
    return error;
}

Result<StageOutcome> run_exec(const Arguments& arguments, StageContext& context) {
    ProgramCall call;
    call.path = arguments.text(kPath);
    call.argv = {call.path};
    call.argv.insert(call.argv.end(), arguments.rest().begin(), arguments.rest().end());
    call.envp = environment(arguments.text(kEnvironment), context.init_envp);
    const Result<int> status = context.sys.run_program(call);
    if (!status) return fail(explain(status.error()));
    if (WIFSIGNALED(*status)) {
        Error error = Error::not_found("exec", call.path,
                                       "killed by signal " + std::to_string(WTERMSIG(*status)));
        error.kind = ErrorKind::kCrashed;  // not kRefused, which no retry would follow
        return fail(std::move(error));
    }
    if (WEXITSTATUS(*status) != 0) {
        Error error = Error::not_found("exec", call.path,
                                       "exit status " + std::to_string(WEXITSTATUS(*status)));
        error.kind = ErrorKind::kSystem;
        return fail(std::move(error));
    }
    StageOutcome outcome;
    outcome.summary = call.path;
    return outcome;
}

}  // namespace

constinit const StageType kExecStage = {
    "exec", "run a program to its end", kOptions, false, Ending::kNone, true, nullptr, run_exec};

}  // namespace prologue
