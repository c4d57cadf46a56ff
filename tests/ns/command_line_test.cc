// SPDX-License-Identifier: MIT
// /proc/cmdline covered for one process, on a real kernel.
#include "stages/kmod/command_line_hider.h"

#include <cstdio>

#include <sys/mount.h>

#include "init/base/mountinfo.h"
#include "init/base/sys_linux.h"
#include "tests/ns/sandbox.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

std::string command_line() {
    const Result<std::string> text = LinuxSys().read_file("/proc/cmdline", 64 * 1024);
    return text ? *text : "unreadable";
}

std::size_t mount_count() {
    LinuxSys sys;
    const auto mounts = read_mounts(sys);
    return mounts ? mounts->size() : 0;
}

void covers_and_uncovers() {
    const std::string before = command_line();
    const std::size_t mounts = mount_count();
    EXPECT(!before.empty());
    const Result<Fd> old = cover_command_line();
    EXPECT(old.has_value());
    if (!old) return;
    EXPECT(command_line().empty());
    EXPECT(mount_count() == mounts + 1);
    EXPECT(uncover_command_line(*old).has_value());
    EXPECT(command_line() == before);
    EXPECT(mount_count() == mounts);
    // What is mounted from now on is seen by all again.
    make_dir("/later");
    mount_tmpfs("/later");
    EXPECT(mount_count() == mounts + 1);
}

void leaves_no_namespace_behind_when_it_fails() {
    const std::size_t mounts = mount_count();
    EXPECT(umount2("/dev/null", MNT_DETACH) == 0);
    EXPECT(remove("/dev/null") == 0);
    const Result<Fd> old = cover_command_line();
    EXPECT(!old.has_value());
    EXPECT(!command_line().empty());
    make_dir("/later");
    mount_tmpfs("/later");
    EXPECT(mount_count() == mounts);  // /dev/null went, /later came
}

}  // namespace

TEST_CASE("command line: covered for one process, and seen again afterwards") {
    CHECK_IN_SANDBOX(covers_and_uncovers);
}
TEST_CASE("command line: without /dev/null nothing is covered, and nothing has changed") {
    CHECK_IN_SANDBOX(leaves_no_namespace_behind_when_it_fails);
}

}  // namespace prologue::ns
