// SPDX-License-Identifier: MIT
#include "init/failure.h"

#include <cerrno>

#include "init/stage_runner.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

using std::chrono::seconds;

// A policy question with everything it points to.
struct Question {
    Settings settings;
    PolicyInput input;
    explicit Question(OnFailure policy) {
        input.settings = &settings;
        input.policy = policy;
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;
};

}  // namespace

TEST_CASE("failure: the block names the line, the cause, what was seen, and what to try") {
    const config::Source source{"/etc/prologue.conf", "set timeout 5s\n\nmount  UUID=1 /newroot\n"};
    Step step;
    step.keyword = {&source, 16, 5};
    Failure failure{&step, Error::timeout("find", "UUID=1", "no device answers to it")};
    failure.error->notes = {"/dev/vda: ext4", "/dev/vdb: vfat"};
    failure.error->hint = "look at the UUID";
    CHECK(format_failure(failure, {"[1.000000] virtio1: reset"}) ==
          "/etc/prologue.conf:3:1: error: find UUID=1: no device answers to it\n"
          "    3 | mount  UUID=1 /newroot\n"
          "      | ^~~~~\n"
          "  seen: /dev/vda: ext4\n"
          "  seen: /dev/vdb: vfat\n"
          "  kernel: [1.000000] virtio1: reset\n"
          "  hint: look at the UUID\n");
}

TEST_CASE("failure: before any stage there is no line to show") {
    CHECK(
        format_failure({nullptr, Error::system("read config", ENOENT, "/etc/prologue.conf")}, {}) ==
        "prologue: error: read config /etc/prologue.conf: No such file or directory (ENOENT)\n");
}

TEST_CASE("failure: what is announced is what happens") {
    const struct {
        OnFailure policy;
        std::string_view text;
    } cases[] = {
        {OnFailure::kReboot, "prologue: rebooting in 10 s (on-failure=reboot)\n"},
        {OnFailure::kPowerOff, "prologue: powering off in 10 s (on-failure=poweroff)\n"},
        {OnFailure::kHalt, "prologue: halting in 10 s (on-failure=halt)\n"},
        {OnFailure::kRescue, "prologue: rebooting in 10 s (on-failure=rescue)\n"},
    };
    for (const auto& one : cases) CHECK(announce(Question(one.policy).input) == one.text);
    Question staying(OnFailure::kReboot);
    staying.settings.failure_delay = kForever;
    CHECK(announce(staying.input) == "prologue: staying here for ever (on-failure=reboot)\n");
}

TEST_CASE("failure: what became of a child has a name") {
    ChildEnd end;
    end.kind = ChildEnd::Kind::kKilled;
    end.activity = "mount was waiting in io_schedule";
    const Error killed = outcome_of(end, "mount", seconds(30)).error();
    CHECK(describe(killed) == "mount: was still at work after 30 s and was ended");
    CHECK(killed->notes == std::vector<std::string>{"mount was waiting in io_schedule"});
    end.kind = ChildEnd::Kind::kStuck;
    end.kernel_stack = "[<0>] io_schedule+0x1/0x2";
    const Error stuck = outcome_of(end, "mount", seconds(30)).error();
    CHECK(stuck->detail == "stuck in kernel");
    CHECK(stuck->notes == std::vector<std::string>{"mount was waiting in io_schedule",
                                                   "stack: [<0>] io_schedule+0x1/0x2"});
    end.kind = ChildEnd::Kind::kStopped;
    CHECK(outcome_of(end, "mount", seconds(30)).error()->kind == ErrorKind::kStopped);
    end.kind = ChildEnd::Kind::kExited;
    end.status = 11;  // SIGSEGV
    CHECK(describe(outcome_of(end, "mount", seconds(30)).error()) == "mount: crashed: SIGSEGV");
    end.status = 40;
    CHECK(describe(outcome_of(end, "mount", seconds(30)).error()) == "mount: crashed: signal 40");
    end.status = 3 << 8;
    CHECK(describe(outcome_of(end, "mount", seconds(30)).error()) ==
          "mount: ended without a report, exit status 3");
}

}  // namespace prologue::tests
