// SPDX-License-Identifier: MIT
// A mount whose child is killed, or crashes, after its work: real processes, real mounts.
#include <csignal>

#include <unistd.h>

#include "init/base/mountinfo.h"
#include "init/plan.h"
#include "init/stage_runner.h"
#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

constexpr Duration kBound{300};

Result<StageOutcome> mount_then(const Arguments& arguments, StageContext& context, int signal) {
    TRY_VOID(context.sys.mount({"tmpfs", arguments.text(1), "tmpfs", 0, {}}));
    (void)raise(signal);
    while (true) (void)getppid();
}
Result<StageOutcome> mount_and_hang(const Arguments& arguments, StageContext& context) {
    return mount_then(arguments, context, 0);
}
Result<StageOutcome> mount_and_crash(const Arguments& arguments, StageContext& context) {
    return mount_then(arguments, context, SIGSEGV);
}

class NoShells final : public ShellStarter {
  public:
    Result<pid_t> start_shell(const std::string&) override {
        return fail(Error::internal("shell", "there is none"));
    }
};

// Runs "mount tmpfs /a" with another `run`; gives the error.
Error error_of(Result<StageOutcome> (*run)(const Arguments&, StageContext&)) {
    PidOne one;
    const config::Source source{"t", "mount tmpfs /a\nreboot\n"};
    PlanInput input;
    input.config = &source;
    const Plan plan = make_plan(input);
    Step step = plan.steps.front();
    StageType type = *step.type;
    type.run = run;
    step.type = &type;
    step.timeout = kBound;
    const config::Values values;
    const std::vector<Device> known;
    const StageRun order{step, values, known, "", deadline_after(one.sys.now(), kBound)};
    NoShells shells;
    Services services(one.sys, one.supervisor, one.log, shells);
    const Result<StageOutcome> outcome =
        ForkingRunner(one.sys, one.supervisor, services, nullptr, nullptr).run(order);
    EXPECT(!outcome.has_value());
    return outcome ? Error{} : outcome.error();
}

std::size_t mounts_at_a() {
    LinuxSys sys;
    std::size_t count = 0;
    const auto mounts = read_mounts(sys);
    EXPECT(mounts.has_value());
    if (!mounts) return 0;
    for (const MountEntry& mount : *mounts) count += mount.target == "/a" ? 1 : 0;
    return count;
}

void undoes_a_killed_mount() {
    make_dir("/a");
    const Error error = error_of(mount_and_hang);
    EXPECT(error->kind == ErrorKind::kTimeout);
    EXPECT(error->notes.size() == 1);  // what it was at; a second one would say what is left of it
    EXPECT(mounts_at_a() == 0);
}

void undoes_a_crashed_mount_and_leaves_the_one_below() {
    make_dir("/a");
    mount_tmpfs("/a");
    make_file("/a/kept");
    const Error error = error_of(mount_and_crash);
    EXPECT(error->kind == ErrorKind::kCrashed);
    EXPECT(error->notes.empty());
    EXPECT(mounts_at_a() == 1);
    EXPECT(exists("/a/kept"));
}

}  // namespace

TEST_CASE("undo: the mount of a child that was killed goes") {
    CHECK_IN_SANDBOX(undoes_a_killed_mount);
}
TEST_CASE("undo: the mount of a child that crashed goes, what lay below it stays") {
    CHECK_IN_SANDBOX(undoes_a_crashed_mount_and_leaves_the_one_below);
}

}  // namespace prologue::ns
