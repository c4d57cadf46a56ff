// SPDX-License-Identifier: MIT
// Arguments, and the checks that planning and running share.
#include "stages/stage.h"

#include "stages/stages.h"
#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

config::Values values() {
    config::Values result;
    result.command_line = config::CommandLine::parse(
        "root=LABEL=x hex=0801 name=disk odd=vda1 dir=newroot label=tmpfs type=9p");
    result.set_fact("disk", "/dev/vdb1");
    return result;
}

// The arguments of the first step of one line that planning lets pass.
Result<Arguments> arguments_of(std::string line) {
    Planned planned("t", "modules a\nfind LABEL=a -> disk\n" + std::move(line) + "\nreboot\n");
    planned.input.prelude = nullptr;
    planned.replan();
    if (!planned.plan.ok()) return fail(Error::internal("plan", planned.messages()));
    return Arguments::expand(planned.plan.steps[2], values());
}

}  // namespace

TEST_CASE("stage: expanded arguments") {
    const struct {
        std::string_view line, what, dir;
    } cases[] = {
        {"mount LABEL=a /b", "LABEL=a", "/b"},
        {"mount ${cmdline.root} /b", "LABEL=x", "/b"},
        {"mount ${disk} /b", "/dev/vdb1", "/b"},
        {"mount disk /b", "disk", "/b"},
        {"mount ${cmdline.name} /b", "disk", "/b"},
        {"mount ${cmdline.hex} /b", "8:1", "/b"},
        {"mount tmpfs /b", "tmpfs", "/b"},
        {"mount host:/export /b type=nfs", "host:/export", "/b"},
        {"mount any_tag /b type=${cmdline.type}", "any_tag", "/b"},
        {"mount LABEL=a /${cmdline.dir}", "LABEL=a", "/newroot"},
    };
    for (const auto& one : cases) {
        INFO(one.line);
        const Result<Arguments> arguments = arguments_of(std::string(one.line));
        REQUIRE_OK(arguments);
        CHECK(arguments->text(0) == one.what);
        CHECK(arguments->text(1) == one.dir);
    }
}

TEST_CASE("stage: an option that was not given has its default") {
    const Result<Arguments> arguments = arguments_of("mount LABEL=a /b type=ext4");
    REQUIRE_OK(arguments);
    CHECK(arguments->has(2));
    CHECK(arguments->text(2) == "ext4");
    CHECK(!arguments->has(3));
    CHECK(arguments->text(3).empty());
    CHECK(arguments->text(99).empty());
    CHECK(arguments->rest().empty());
}

TEST_CASE("stage: values are checked again once they are known") {
    for (const std::string_view line :
         {"mount ${cmdline.none} /b", "mount ${cmdline.odd} /b", "mount LABEL=a ${cmdline.dir}",
          "find ${cmdline.label} -> x", "mount \"${cmdline.none:-}\" /b"}) {
        INFO(line);
        const Result<Arguments> arguments = arguments_of(std::string(line));
        CHECK(!arguments.has_value());
        if (!arguments) CHECK(arguments.error()->kind == ErrorKind::kConfig);
    }
}

TEST_CASE("stage: an expansion is one word") {
    Planned planned("t", "exec /bin/x ${cmdline.a} b${cmdline.a}\nreboot\n");
    config::Values with_blanks;
    with_blanks.command_line = config::CommandLine::parse("a=\"c d e=f -> g\"");
    const Result<Arguments> arguments = Arguments::expand(planned.plan.steps[4], with_blanks);
    REQUIRE_OK(arguments);
    CHECK(arguments->rest() == std::vector<std::string>{"c d e=f -> g", "bc d e=f -> g"});
}

TEST_CASE("stage: kinds") {
    const struct {
        ValueKind kind;
        std::string_view text;
        bool good;
    } cases[] = {
        {ValueKind::kText, "", true},
        {ValueKind::kPath, "/a", true},
        {ValueKind::kPath, "/a..b/..c", true},
        {ValueKind::kPath, "a", false},
        {ValueKind::kPath, "/a/..", false},
        {ValueKind::kPath, "/../a", false},
        {ValueKind::kPath, "", false},
        {ValueKind::kDevice, "LABEL=a", true},
        {ValueKind::kDevice, "tmpfs", false},
        {ValueKind::kMountable, "tmpfs", true},
        {ValueKind::kMountable, "/a", true},
        {ValueKind::kMountable, "h:/a", true},
        {ValueKind::kMountable, ":/a", false},
        {ValueKind::kMountable, "/a/../b", false},
        {ValueKind::kModule, "ext4", true},
        {ValueKind::kModule, "crypto-xts(aes)", true},
        {ValueKind::kModule, "pci:v00001AF4d*", true},
        {ValueKind::kModule, "loop.max_loop=8", true},
        {ValueKind::kModule, "a.b=c=d.e", true},
        {ValueKind::kModule, "max_loop=8", false},
        {ValueKind::kModule, "a.=1", false},
        {ValueKind::kModule, "ext4.ko", false},
        {ValueKind::kModule, "", false},
        {ValueKind::kBoolean, "yes", true},
        {ValueKind::kBoolean, "1", false},
        {ValueKind::kNumber, "1", true},
        {ValueKind::kSize, "1MiB", true},
        {ValueKind::kSize, "1MB", false},
        {ValueKind::kDuration, "1s", true},
        {ValueKind::kDuration, "1", false},
    };
    for (const auto& one : cases) {
        INFO(one.text);
        CHECK(check_value(one.kind, one.text).has_value() == one.good);
    }
}

TEST_CASE("stage: the table and its words") {
    CHECK(find_stage("switch-root") == find_stage("switch_root"));
    CHECK(find_stage("switch_root") != nullptr);
    CHECK(find_stage("none") == nullptr);
    for (const std::string_view name :
         {"ext4", "tmpfs", "nfs", "options", "on_failure", "key", "cmdline.x"}) {
        CHECK(is_reserved_name(name));
    }
    for (const std::string_view name : {"root", "disk", "plain", "cmdlinex"})
        CHECK(!is_reserved_name(name));
    CHECK(takes_verbatim_source("fuse.sshfs"));
    CHECK(name_of(OnFailure::kPowerOff) == "poweroff");
}

// Shells take the last one of a name that stands twice, getenv(3) the first.
TEST_CASE("stage: no name stands twice in the environment of a program") {
    char home[] = "HOME=/", term[] = "TERM=linux", path[] = "PATH=/odd";
    char* const inherited[] = {home, term, nullptr};
    using Words = std::vector<std::string>;
    const std::string usual = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    CHECK(program_environment("", inherited) == Words{"HOME=/", "TERM=linux", usual});
    CHECK(program_environment("TERM=vt100,PATH=/opt", inherited) ==
          Words{"TERM=vt100", "PATH=/opt", "HOME=/"});
    CHECK(program_environment("A=1,A=2", inherited) == Words{"A=1", "HOME=/", "TERM=linux", usual});
    CHECK(program_environment("HOM=x", inherited) == Words{"HOM=x", "HOME=/", "TERM=linux", usual});
    char* const odd[] = {path, nullptr};
    CHECK(program_environment("", odd) == Words{"PATH=/odd"});
}

}  // namespace prologue::tests
