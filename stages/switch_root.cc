// SPDX-License-Identifier: MIT
// stages/switch_root.cc: proves that the hand-over can work, in a child, before PID 1 changes
// anything: the guards, and an exec of the real init under ptrace inside the new root. What follows
// is PID 1's own work (init/hand_over.cc).   Source: switch_root(8), init/main.c of Linux.
#include "init/base/compose.h"
#include "stages/stages.h"

#include <cerrno>

#include "init/base/mountinfo.h"
#include "init/base/path.h"

namespace prologue {
namespace {

enum : std::size_t { kDirectory, kInit };
constexpr OptionSpec kOptions[] = {
    {"dir", ValueKind::kPath, Need::kPositional, "the mounted new root", ""},
    {"init", ValueKind::kPath, Need::kOption, "the real init, as seen in the new root",
     "/sbin/init, /etc/init, /bin/init, /bin/sh"},
};

// kernel_init() tries these in this order when no init= is given.
constexpr Literal kDefaultInits[] = {"/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};

void plan_switch_root(const Step& step, PlanContext& context) {
    const config::Word* directory = step.find(kDirectory);
    if (directory == nullptr || !directory->is_literal()) return;
    if (directory->text() == "/") {
        context.diagnostics().error(directory->span, "'/' is the root already",
                                    "name the directory that the new root is mounted on");
    } else {
        context.require_mount(*directory);
    }
}

Result<> check_guards(const std::string& directory, const std::vector<MountEntry>& mounts,
                      Sys& sys) {
    if (!TRY(root_is_rootfs(mounts, sys))) {
        return fail(Error::refused("switch_root", directory, "'/' is not an initramfs")
                        .with_hint("on a real root there is nothing to switch away from"));
    }
    const FileInfo old_root = TRY(sys.stat("/"));
    const FileInfo self = TRY(sys.stat("/proc/self/exe"));
    if (self.device != old_root.device) {
        return fail(Error::refused("switch_root", directory, "this program does not run from '/'"));
    }
    const FileInfo new_root = TRY(sys.stat(directory));
    if (mount_at(mounts, directory) == nullptr || new_root.device == old_root.device) {
        return fail(Error::refused("switch_root", directory, "nothing is mounted there"));
    }
    return {};
}

ProgramCall call_for(const std::string& path, const StageContext& context) {
    ProgramCall call;
    call.path = path;
    call.argv = {path};
    for (char* const* word = context.init_argv; word != nullptr && *word != nullptr; ++word) {
        if (word != context.init_argv) call.argv.emplace_back(*word);
    }
    for (char* const* word = context.init_envp; word != nullptr && *word != nullptr; ++word) {
        call.envp.emplace_back(*word);
    }
    return call;
}

// Inside the new root, so that every symlink is followed as the real init will see it.
Result<> try_init(const std::string& path, StageContext& context) {
    const FileInfo info = TRY(context.sys.stat(path));
    if (info.type == FileType::kDirectory) return fail(Error::system("exec", EISDIR, path));
    if (info.type != FileType::kRegular) return fail(Error::system("exec", EACCES, path));
    return context.sys.trial_exec(call_for(path, context));
}

Literal hint_for(int errnum) {
    switch (errnum) {
        case ENOENT:
            return "the file, the target of its symlink or its interpreter is missing there; init= "
                   "names another";
        case EACCES: return "it is not executable, or the root is mounted noexec";
        case ENOEXEC:
            return "it is no program for this machine's architecture; init= names another";
        case ELOOP: return "its symlinks lead in a circle; init= names another";
        case EISDIR: return "init= must name a program";
        case ELIBBAD: return "its interpreter is for another architecture";
        default: return "";
    }
}

Error explain(Error error, const std::string& directory, const std::string& path) {
    error->op = "switch_root";
    error->object = compose("{} in {}", path, directory);
    error->hint = hint_for(error->errnum).str();
    return error;
}

Result<std::string> choose_default_init(const std::string& directory, StageContext& context) {
    Error error = Error::not_found("switch_root", directory, "the new root has no init that runs")
                      .with_hint("say init= on the kernel command line or on this line");
    for (const Literal path : kDefaultInits) {
        const Result<> tried = try_init(path.str(), context);
        if (tried) return path.str();
        error->notes.push_back(
            compose("{}: {}", path.str(), describe_errno(tried.error()->errnum)));
    }
    return fail(std::move(error));
}

// init= of the command line beats the file; either must work when it is said.
Result<std::string> choose_init(const Arguments& arguments, StageContext& context,
                                const std::string& directory) {
    std::string explicit_path = arguments.has(kInit) ? arguments.text(kInit) : "";
    const config::Parameter* word = context.values.built_in_words.last("init");
    if (word != nullptr && word->value && !word->value->empty()) explicit_path = *word->value;
    TRY_VOID(context.sys.change_root(directory));
    TRY_VOID(context.sys.change_dir("/"));
    if (explicit_path.empty()) return choose_default_init(directory, context);
    const Result<> tried = try_init(explicit_path, context);
    if (!tried) return fail(explain(tried.error(), directory, explicit_path));
    return explicit_path;
}

Result<StageOutcome> run_switch_root(const Arguments& arguments, StageContext& context) {
    const std::string directory = arguments.text(kDirectory);
    const std::vector<MountEntry> mounts = TRY(read_mounts(context.sys));
    TRY_VOID(check_guards(directory, mounts, context.sys));
    StageOutcome outcome;
    const MountEntry* root = mount_at(mounts, directory);
    outcome.summary = compose("{} ({})", root->source, root->type);
    outcome.new_root = directory;
    outcome.init_path = TRY(choose_init(arguments, context, directory));
    return outcome;
}

}  // namespace

constinit const StageType kSwitchRootStage = {"switch_root",
                                              "hand over to the real init in the new root",
                                              kOptions,
                                              false,
                                              Ending::kSwitchRoot,
                                              false,
                                              plan_switch_root,
                                              run_switch_root};

}  // namespace prologue
