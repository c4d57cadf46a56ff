// SPDX-License-Identifier: MIT
// The executor's own rules, with a runner that answers from a list. Whole boots are in tests/trace.
#include "init/executor.h"

#include <cerrno>

#include <sys/sysmacros.h>

#include "tests/trace/fakes.h"
#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

// Gives its answers one after the other; what is asked beyond them is success.
class ScriptedRunner final : public StageRunner {
  public:
    std::vector<Result<StageOutcome>> answers;
    std::vector<std::string> asked;
    std::vector<std::string> started;
    std::vector<Instant> deadlines;
    std::string new_root;

    Result<> start_service(const ServiceOrder& order) override {
        started.push_back(order.name() + " on " + order.tty);
        return {};
    }
    char* const* environment() override { return nullptr; }
    Result<> end_secrets(const Plan&, const config::Values&) override { return {}; }
    Result<StageOutcome> run(const StageRun& run) override {
        asked.push_back(run.step.type->keyword.str());
        deadlines.push_back(run.deadline);
        new_root = run.new_root;
        if (asked.size() > answers.size()) return StageOutcome{};
        return answers[asked.size() - 1];
    }
};

struct Run {
    fake::Machine machine;
    fake::TraceLog log{machine.sys};
    ScriptedRunner runner;
    config::Values values;
    Planned planned;
    PlanEnd end;

    explicit Run(const std::string& conf, std::string_view words = {})
        : planned("boot.conf", conf, words) {
        planned.input.prelude = nullptr;
        planned.input.command_line = &planned.command_line;
        planned.replan();
        values.command_line = planned.command_line;
        machine.sys.root().add_block("/dev/vda", makedev(254, 0));
        machine.sys.root().add_file("/dev/plain", "");
    }
    const PlanEnd& go() {
        CHECK_MESSAGE(planned.plan.ok(), planned.messages());
        Executor executor(machine.sys, runner, log, values);
        end = executor.run(planned.plan);
        return end;
    }
};

StageOutcome device_outcome(const std::string& path, dev_t number) {
    StageOutcome outcome;
    outcome.device = Device{path, number, 0, "ext4", "", ""};
    return outcome;
}

}  // namespace

TEST_CASE("executor: a step follows the other until the one that ends") {
    Run run("write /a 1\nwrite /b 2\npoweroff\n");
    CHECK(run.go().ending == Ending::kPowerOff);
    CHECK(run.runner.asked == std::vector<std::string>{"write", "write", "poweroff"});
}

TEST_CASE("executor: a failure stops the plan and names its step") {
    Run run("write /a 1\nwrite /b 2\npoweroff\n");
    run.runner.answers = {StageOutcome{}, fail(Error::system("write", EIO, "/b"))};
    const PlanEnd& end = run.go();
    CHECK(end.ending == Ending::kNone);
    CHECK((end.failure && end.failure->step == &run.planned.plan.steps[1]));
    CHECK(run.runner.asked.size() == 2);
}

TEST_CASE("executor: on-failure=continue goes on, and says so") {
    Run run("write /a 1 on-failure=continue\npoweroff\n");
    run.runner.answers = {fail(Error::system("write", EIO, "/a"))};
    CHECK(run.go().ending == Ending::kPowerOff);
    CHECK(run.log.complaints() == 1);
}

TEST_CASE("executor: retries, each with its whole bound") {
    Run run("write /a 1 retries=2 timeout=5s\npoweroff\n");
    const Unexpected broken = fail(Error::system("write", EIO, "/a"));
    run.runner.answers = {broken, broken, broken};
    CHECK(run.go().failure.has_value());
    CHECK(run.runner.asked.size() == 3);
    for (const Instant deadline : run.runner.deadlines) {
        CHECK(deadline >= run.machine.sys.now());
        CHECK(deadline <= deadline_after(run.machine.sys.now(), std::chrono::seconds(5)));
    }
    Run second("write /a 1 retries=2\npoweroff\n");
    second.runner.answers = {broken};
    CHECK(second.go().ending == Ending::kPowerOff);
    CHECK(second.runner.asked.size() == 3);
}

TEST_CASE("executor: a guard's refusal and a wrong value are final") {
    for (const Error& error : {Error::refused("write", "/a", "no"), Error::config("wrong value")}) {
        Run run("write /a 1 retries=5\npoweroff\n");
        run.runner.answers = {fail(error)};
        CHECK(run.go().failure.has_value());
        CHECK(run.runner.asked.size() == 1);
    }
}

TEST_CASE("executor: a fact is checked before anybody builds on it") {
    const struct {
        StageOutcome outcome;
        bool good;
    } cases[] = {
        {device_outcome("/dev/vda", makedev(254, 0)), true},
        {device_outcome("/dev/vda", makedev(254, 1)), false},
        {device_outcome("/dev/plain", 0), false},
        {device_outcome("/dev/missing", makedev(254, 0)), false},
        {device_outcome("/devil", makedev(254, 0)), false},
        {device_outcome("", 0), false},
        {StageOutcome{}, false},
    };
    for (const auto& one : cases) {
        Run run("find LABEL=x -> disk\npoweroff\n");
        run.runner.answers = {one.outcome};
        const PlanEnd& end = run.go();
        CHECK(end.failure.has_value() == !one.good);
        CHECK(run.values.lookup("disk").has_value() == one.good);
    }
}

TEST_CASE("executor: the stages know switch_root's directory, in its one spelling") {
    Run run("mount LABEL=x ${cmdline.where}\nmount LABEL=x /newroot\nswitch_root /newroot/\n",
            "where=/a");
    CHECK(run.go().ending == Ending::kSwitchRoot);
    CHECK(run.runner.new_root == "/newroot");
}

TEST_CASE("executor: a plan without an end is an error, not a silence") {
    Run run("reboot when=exists:/nothing\nreboot when=exists:/nothing\n");
    run.planned.plan.diagnostics = {};
    StageOutcome skipped;
    skipped.skipped = true;
    run.runner.answers = {skipped, skipped};
    const PlanEnd& end = run.go();
    CHECK((end.failure && end.failure->step == nullptr));
}

TEST_CASE("executor: what outlives its child is not tried again while the child is stuck in it") {
    Error stuck = Error::timeout("mount", "", "stuck in kernel");
    stuck->kind = ErrorKind::kStuck;
    Run mounting("mount tmpfs /a retries=2\nreboot\n");
    mounting.runner.answers = {fail(Error(stuck))};
    CHECK(mounting.go().failure->error->kind == ErrorKind::kStuck);
    CHECK(mounting.runner.asked.size() == 1);
    Run writing("write /a 1 retries=2\nreboot\n");
    writing.runner.answers = {fail(Error(stuck))};
    CHECK(writing.go().ending == Ending::kReboot);
}

}  // namespace prologue::tests
