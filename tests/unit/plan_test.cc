// SPDX-License-Identifier: MIT
// What a plan holds; what it says about mistakes is in tests/golden/config.
#include <algorithm>

#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

constexpr std::string_view kRest =
    "modules virtio_blk\n"
    "mount LABEL=root /newroot\n"
    "switch_root /newroot\n";

// Keywords of the steps, with what they yield.
std::string steps_of(const Plan& plan) {
    std::string text;
    for (const Step& step : plan.steps) {
        if (step.prelude) continue;
        text += (text.empty() ? "" : " ") + step.type->keyword.str();
        if (!step.yields.empty()) text += ":" + step.yields;
    }
    return text;
}

std::string with(std::string_view lines) {
    return std::string(lines) + std::string(kRest);
}

}  // namespace

TEST_CASE("plan: a plain file") {
    const Planned planned("t", with(""));
    CHECK(planned.messages().empty());
    CHECK(planned.plan.steps.size() == 7);
    CHECK(planned.plan.steps[0].prelude);
    CHECK(planned.plan.steps[0].type->keyword.view() == "mount");
    const Step& mount = planned.plan.steps[5];
    CHECK(mount.find(0)->text() == "LABEL=root");
    CHECK(mount.find(1)->text() == "/newroot");
    CHECK(mount.find(2) == nullptr);
    CHECK(mount.timeout == Duration(30'000));
    CHECK(policy_of(mount, planned.plan.settings) == OnFailure::kRescue);
    CHECK(planned.plan.steps[4].rest.size() == 1);
}

TEST_CASE("plan: settings") {
    const Planned planned("t", with("set timeout 1min\n"
                                    "set on_failure poweroff\n"
                                    "set failure-delay 0s\n"
                                    "set rescue-timeout 5min\n"
                                    "set console ttyS0 /dev/tty1\n"
                                    "set prompt-consoles tty0\n"
                                    "set board qemu\n"
                                    "set cmdline-allow quiet root\n"));
    CHECK(planned.messages().empty());
    const Settings& settings = planned.plan.settings;
    CHECK(settings.timeout == Duration(60'000));
    CHECK(settings.on_failure == OnFailure::kPowerOff);
    CHECK(settings.failure_delay == Duration(0));
    CHECK(settings.rescue_timeout == Duration(300'000));
    CHECK(settings.consoles == std::vector<std::string>{"ttyS0", "tty1"});
    CHECK(settings.prompt_consoles == std::vector<std::string>{"tty0"});
    CHECK(settings.board == "qemu");
    CHECK(settings.cmdline_allow == std::vector<std::string>{"quiet", "root"});
    CHECK(planned.plan.steps[0].timeout == Duration(60'000));
}

TEST_CASE("plan: a rescue password is a hash, and a mistyped one opens nothing") {
    const std::string hash = "$6$saltsalt$" + std::string(86, 'a');
    const Planned good("t", with("set rescue password:" + hash + "\n"));
    CHECK(good.messages().empty());
    CHECK(good.plan.settings.rescue == RescuePolicy::kPassword);
    CHECK(good.plan.settings.rescue_hash == hash);
    CHECK(Planned("t", with("set rescue password:$5$rounds=5000$s$" + std::string(43, '.') + "\n"))
              .plan.ok());
    for (const std::string& bad :
         {std::string("secret"), hash + "a", "$1$salt$" + std::string(22, 'a'), std::string("$6$"),
          "$6$" + std::string(86, 'a')}) {
        INFO(bad);
        const Planned planned("t", with("set rescue password:" + bad + "\n"));
        CHECK(!planned.plan.ok());
        CHECK(planned.plan.settings.rescue == RescuePolicy::kPassword);
        CHECK(planned.plan.settings.rescue_hash.empty());
    }
    CHECK(Planned("t", with("set rescue opem\n")).plan.settings.rescue != RescuePolicy::kOpen);
}

TEST_CASE("plan: options of every stage") {
    const Planned planned("t", with("find LABEL=a -> a timeout=2min on_failure=halt retries=3 "
                                    "when=!cmdline:x=y\n"));
    CHECK(!planned.plan.diagnostics.has_errors());
    const Step& find = planned.plan.steps[4];
    CHECK(find.yields == "a");
    CHECK(find.timeout == Duration(120'000));
    CHECK(find.on_failure == OnFailure::kHalt);
    CHECK(find.retries == 3);
    CHECK(find.when->negated);
    CHECK(find.when->subject == "x");
    CHECK(find.when->value == "y");
}

TEST_CASE("plan: verbatim stages") {
    const Planned planned("t",
                          with("exec timeout=5s env=A=b /bin/x timeout=9 -> \"c d\" UUID=1\n"));
    CHECK(planned.messages().empty());
    const Step& exec = planned.plan.steps[4];
    CHECK(exec.timeout == Duration(5'000));
    CHECK(exec.find(0)->text() == "/bin/x");
    CHECK(exec.find(2)->text() == "A=b");
    std::string rest;
    for (const config::Word& word : exec.rest) rest += "[" + word.text() + "]";
    CHECK(rest == "[timeout=9][->][c d][UUID=1]");
    CHECK(!Planned("t", with("exec -> x /bin/x\n")).plan.ok());
}

TEST_CASE("plan: conditions that are known leave lines out") {
    const std::string text =
        "modules virtio_blk\n"
        "find LABEL=a -> root when=cmdline:slot=a\n"
        "find LABEL=b -> root when=!cmdline:slot=a\n"
        "exec when=cmdline:debug /bin/x\n"
        "exec when=board:qemu /bin/x\n"
        "write /proc/x 1 when=exists:/proc/x\n"
        "mount root /newroot\n"
        "switch_root /newroot\n";
    Planned open("t", text);
    CHECK(steps_of(open.plan) == "modules find:root find:root exec exec write mount switch_root");
    Planned known("t", text, "slot=b debug=0");
    CHECK(steps_of(known.plan) == "modules find:root exec exec write mount switch_root");
    CHECK(known.plan.steps[5].find(0)->text() == "LABEL=b");
    CHECK(!known.plan.steps[5].when.has_value());
    known.input.board = "generic";
    known.replan();
    CHECK(steps_of(known.plan) == "modules find:root exec write mount switch_root");
    CHECK(known.plan.steps[7].when.has_value());  // exists: is looked at when its turn comes
    for (const Planned* planned : {&open, &known}) {
        CHECK(!planned->plan.diagnostics.has_errors());
    }
}

TEST_CASE("plan: a bare word equals 1") {
    const Planned planned("t", with("exec when=cmdline:x=1 /a\nexec when=cmdline:x=0 /b\n"), "x");
    CHECK(steps_of(planned.plan) == "exec modules mount switch_root");
}

TEST_CASE("plan: names in the cases in which they are used") {
    const struct {
        std::string_view lines;
        bool good;
    } cases[] = {
        {"find LABEL=a -> x\nexec /a ${x}\n", true},
        {"find LABEL=a -> x when=cmdline:q\nexec when=cmdline:q /a ${x}\n", true},
        {"find LABEL=a -> x when=cmdline:q\nexec when=cmdline:q=1 /a ${x}\n", true},
        {"find LABEL=a -> x when=cmdline:q=1\nexec when=cmdline:q /a ${x}\n", false},
        {"find LABEL=a -> x when=!cmdline:q=1\nexec when=!cmdline:q /a ${x}\n", true},
        {"find LABEL=a -> x when=cmdline:q\nfind LABEL=b -> x when=!cmdline:q\nexec /a ${x}\n",
         true},
        {"find LABEL=a -> x when=cmdline:q=1\nfind LABEL=b -> x when=cmdline:q=2\nexec /a ${x}\n",
         false},
        {"find LABEL=a -> x when=cmdline:q=1\nfind LABEL=b -> x when=cmdline:q=2\n"
         "exec when=cmdline:q=2 /a ${x}\n",
         true},
        {"find LABEL=a -> x when=cmdline:q\nfind LABEL=b -> x when=cmdline:r\n", false},
        {"find LABEL=a -> x when=cmdline:q\nfind LABEL=b -> x\n", false},
        {"find LABEL=a -> x when=board:qemu\nfind LABEL=b -> x when=board:generic\n", true},
        {"find LABEL=a -> x when=board:qemu\nfind LABEL=b -> x when=!board:qemu\nexec /a ${x}\n",
         true},
        {"find LABEL=a -> x when=!board:qemu\nexec when=board:generic /a ${x}\n", true},
        {"find LABEL=a -> x when=board:qemu\nfind LABEL=b -> x when=!board:generic\n", false},
        {"find LABEL=a -> x\nfind x -> y\nexec /a ${y}\n", true},
        {"find y -> y\n", false},
    };
    for (const auto& one : cases) {
        INFO(one.lines);
        const Planned planned("t", with("modules a\n" + std::string(one.lines)));
        INFO(planned.messages());
        CHECK(planned.plan.ok() == one.good);
    }
}

TEST_CASE("plan: endings in every case") {
    const std::string head = "modules a\nmount LABEL=root /newroot\n";
    CHECK(Planned("t", head + "switch_root /newroot when=cmdline:a\nreboot\n").plan.ok());
    CHECK(Planned("t", head + "switch_root /newroot when=cmdline:a\nreboot when=!cmdline:a\n")
              .plan.ok());
    CHECK(!Planned("t", head + "reboot when=cmdline:a\nhalt when=cmdline:b\n").plan.ok());
    CHECK(!Planned("t", head + "reboot when=exists:/a\nhalt when=!exists:/a\n").plan.ok());
    CHECK(!Planned("t", head + "reboot when=cmdline:a\n", "b").plan.ok());
    CHECK(Planned("t", head + "reboot when=cmdline:a\n", "a").plan.ok());
}

TEST_CASE("plan: a line that only may run replaces nothing of the prelude") {
    CHECK(Planned("t", with("mount tmpfs /run/.//\n")).plan.steps.size() == 7);
    CHECK(Planned("t", with("mount tmpfs /run when=exists:/a\n")).plan.steps.size() == 8);
    CHECK(Planned("t", with("mount tmpfs /run when=cmdline:a\n"), "a").plan.steps.size() == 7);
    CHECK(Planned("t", with("mount /run options=remount,ro\n")).plan.steps.size() == 8);
    Planned bare("t", with(""));
    bare.input.prelude = nullptr;
    bare.replan();
    CHECK(bare.plan.steps.size() == 3);
}

TEST_CASE("plan: the command line replaces defaults") {
    Planned planned("t", with("set timeout 5s\nset on-failure halt\n"),
                    "prologue.timeout=2min prologue.on-failure=reboot panic=7");
    CHECK(planned.messages().empty());
    CHECK(planned.plan.settings.timeout == Duration(120'000));
    CHECK(planned.plan.settings.on_failure == OnFailure::kReboot);
    CHECK(planned.plan.settings.failure_delay == Duration(7'000));
}

TEST_CASE("plan: panic=N replaces the failure delay, as the kernel reads it") {
    const struct {
        std::string_view words;
        Duration delay;
    } cases[] = {
        {"", Duration(10'000)},
        {"panic=3", Duration(3'000)},
        {"panic=-1", Duration(0)},
        {"panic=0", kForever},
        {"panic", Duration(10'000)},
        {"panic=", Duration(10'000)},
        {"panic=x", Duration(10'000)},
        {"panic=3s", Duration(10'000)},
        {"panic=1 panic=7", Duration(7'000)},
        {"panic=999999999", Duration(86'400'000)},
        {"panic=99999999999999999999", Duration(10'000)},
        {"panic_on_oops=1", Duration(10'000)},
    };
    for (const auto& one : cases) {
        INFO(one.words);
        CHECK(Planned("t", with(""), std::string(one.words)).plan.settings.failure_delay ==
              one.delay);
    }
}

TEST_CASE("plan: locked") {
    Planned planned("t", with(""), "prologue.timeout=1s prologue.on-failure=halt panic=3");
    planned.input.locked = true;
    planned.replan();
    CHECK(planned.messages().empty());
    CHECK(planned.plan.settings.rescue == RescuePolicy::kLocked);
    CHECK(planned.plan.settings.on_failure == OnFailure::kReboot);
    CHECK(planned.plan.settings.timeout == Duration(30'000));
    CHECK(planned.plan.settings.failure_delay == Duration(3'000));  // panic is allowed by default
    planned.source.text = with("set cmdline-allow quiet\n");
    planned.replan();
    CHECK(planned.plan.settings.failure_delay == Duration(10'000));

    planned.source.text = with("set cmdline-allow prologue.timeout prologue.on-failure\n");
    planned.replan();
    CHECK(planned.plan.settings.timeout == Duration(1'000));
    CHECK(planned.plan.settings.on_failure == OnFailure::kReboot);
    CHECK(planned.plan.settings.failure_delay == Duration(10'000));
}

TEST_CASE("plan: what a locked image forbids is refused on the host, replaced on the target") {
    Planned planned("t", with("set rescue locked\nset on-failure poweroff\n"
                              "exec on-failure=continue /bin/x\nexec on-failure=rescue /bin/x\n"));
    CHECK(planned.plan.diagnostics.error_count() == 2);
    planned.input.on_target = true;
    planned.replan();
    CHECK(planned.plan.ok());
    for (const Step& step : planned.plan.steps) {
        const OnFailure policy = policy_of(step, planned.plan.settings);
        CHECK((policy == OnFailure::kReboot || policy == OnFailure::kPowerOff));
    }
    CHECK(policy_of(planned.plan.steps[4], planned.plan.settings) == OnFailure::kReboot);
    CHECK(policy_of(planned.plan.steps[6], planned.plan.settings) == OnFailure::kPowerOff);
}

TEST_CASE("plan: the terminals that a person types at") {
    const Planned planned("t",
                          "service /bin/quiet\nservice shell\nservice tty=/dev/ttyS1 /bin/sh\n"
                          "service tty=${cmdline.where} /bin/sh\nsupervise\n");
    CHECK(planned.plan.typed_terminals == std::vector<std::string>{"console", "ttyS1"});
}

TEST_CASE("plan: the worst case") {
    Planned planned("t", "write /a 1 timeout=1s retries=2\nreboot timeout=100ms\n");
    planned.input.prelude = nullptr;
    planned.replan();
    const auto grace = (kReportGrace + kKillGrace).count();
    CHECK(worst_case(planned.plan).total.count() == 3 * (1000 + grace) + 100 + grace);
    CHECK(worst_case(planned.plan).unbounded == nullptr);
    planned.source.text =
        "write /a 1\nwrite /b 1 timeout=forever\nwrite /c 1 timeout=forever\nreboot\n";
    planned.replan();
    CHECK(worst_case(planned.plan).total == kForever);
    CHECK(worst_case(planned.plan).unbounded == &planned.plan.steps[1]);
}

TEST_CASE(
    "plan: a driver line is missed once; the target misses none, and leaves unset values to the "
    "stage") {
    Planned planned(
        "t", "mount ${cmdline.root} /newroot\nmount LABEL=x /newroot/x\nswitch_root /newroot\n");
    CHECK(planned.plan.diagnostics.all().size() == 2);
    planned.input.on_target = true;
    planned.replan();
    CHECK(planned.plan.diagnostics.all().empty());
    CHECK(planned.plan.ok());
}

TEST_CASE("plan: reserved words") {
    CHECK(is_reserved_keyword("verity"));
    CHECK(is_reserved_keyword("slot"));
    CHECK(!is_reserved_keyword("mount"));
    CHECK(!is_reserved_keyword("set"));
    const std::vector<std::string_view> names = setting_names();
    CHECK(std::find(names.begin(), names.end(), "cmdline-allow") != names.end());
    CHECK(names.size() == 10);
}

}  // namespace prologue::tests
