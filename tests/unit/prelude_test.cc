// SPDX-License-Identifier: MIT
#include "init/prelude.h"

#include <cerrno>

#include <sys/mount.h>

#include "tests/trace/scenario.h"
#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("prelude: known words become flags, the others data") {
    const MountCall call =
        mount_call("tmpfs", "/run", "mode=0755,nosuid,nodev,strictatime,size=10%");
    CHECK(call.source == "tmpfs");
    CHECK(call.type == "tmpfs");
    CHECK(call.target == "/run");
    CHECK(call.flags == (MS_NOSUID | MS_NODEV | MS_STRICTATIME));
    CHECK(call.data == "mode=0755,size=10%");
    CHECK(mount_call("proc", "/proc", "").flags == 0);
    CHECK(mount_call("proc", "/proc", "ro,noexec,noatime,relatime").flags ==
          (MS_RDONLY | MS_NOEXEC | MS_NOATIME | MS_RELATIME));
    CHECK(mount_call("proc", "/proc", "hidepid=2").data == "hidepid=2");
}

TEST_CASE("prelude: the early mounts are those of prelude.conf, word for word") {
    fake::Machine machine;
    fake::fill_machine(machine);
    const config::Source source = prologue::prelude_source();
    CHECK(source.text == read_test_file("../config/prelude.conf"));
    REQUIRE_OK(mount_early_prelude(source, machine.sys));
    const std::vector<std::string> expected = {
        "mkdir /dev 0755",  "mount devtmpfs /dev devtmpfs nosuid mode=0755",
        "mkdir /proc 0755", "mount proc /proc proc nosuid,nodev,noexec",
        "mkdir /sys 0755",  "mount sysfs /sys sysfs nosuid,nodev,noexec",
    };
    CHECK(machine.sys.trace() == expected);
}

TEST_CASE("prelude: what is mounted already is left alone") {
    fake::Machine machine;
    fake::fill_machine(machine);
    const config::Source source = prologue::prelude_source();
    REQUIRE_OK(mount_early_prelude(source, machine.sys));
    REQUIRE_OK(mount_early_prelude(source, machine.sys));  // EEXIST and EBUSY each time
    CHECK(machine.sys.mounts().size() == 4);
}

TEST_CASE("prelude: one failure does not keep the other lines from being tried") {
    fake::Machine machine;
    fake::fill_machine(machine);
    machine.sys.set_fault({0, "mount", 1, ENODEV});
    const Result<> mounted = mount_early_prelude(prologue::prelude_source(), machine.sys);
    CHECK((!mounted && mounted.error()->errnum == ENODEV));
    CHECK(machine.sys.mounts().size() == 3);
}

TEST_CASE("prelude: a line whose mount is there is done") {
    fake::Machine machine;
    fake::fill_machine(machine);
    Planned planned("boot.conf", "reboot\n");
    CHECK(planned.plan.steps.size() == 5);
    REQUIRE_OK(mount_early_prelude(prologue::prelude_source(), machine.sys));
    const auto mounts = read_mounts(machine.sys);
    REQUIRE_OK(mounts);
    std::size_t there = 0;
    for (const Step& step : planned.plan.steps) {
        if (step.prelude) there += prelude_is_mounted(step, *mounts) ? 1 : 0;
    }
    CHECK(there == 3);  // all but /run
}

}  // namespace prologue::tests
