// SPDX-License-Identifier: MIT
// What PID 1 makes of its root.
#include "init/role.h"

#include <cerrno>

#include <sys/mount.h>
#include <unistd.h>

#include "init/base/mountinfo.h"
#include "tests/ns/forwarding_sys.h"
#include "tests/ns/sandbox.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

void a_tmpfs_is_a_real_root_unless_the_kernel_calls_it_rootfs() {
    ForwardingSys sys;
    EXPECT(decide_role(sys) == Role::kFallback);
    sys.shows_rootfs = true;
    EXPECT(decide_role(sys) == Role::kInitramfs);
    EXPECT(umount2("/proc", MNT_DETACH) == 0);
    sys.shows_rootfs = false;
    EXPECT(decide_role(sys) == Role::kFallback);
}

void make_root_read_only() {
    EXPECT(mount(nullptr, "/", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
}

// The root of the article about the smallest root: a program, and no place for anything else.
void a_root_without_room_gets_one_in_memory() {
    make_dir("/sbin");
    make_file("/sbin/init", "the program");
    make_dir("/srv");
    make_dir("/srv/proc");
    EXPECT(mount("/proc", "/srv/proc", nullptr, MS_MOVE, nullptr) == 0);
    EXPECT(umount2("/dev/null", MNT_DETACH) == 0);
    EXPECT(unlink("/dev/null") == 0 && rmdir("/dev") == 0 && rmdir("/proc") == 0);
    make_file("/file");
    make_root_read_only();
    ForwardingSys sys;
    const Result<bool> made = make_room_for_mounts(sys);
    EXPECT(made.has_value() && *made);
    if (!made) speak(describe(made.error()));
    for (const char* path : {"/dev", "/proc", "/sys", "/run", "/srv", "/disk/file", "/disk/srv"})
        EXPECT(exists(path));
    EXPECT(sys.read_file("/sbin/init", 100).value_or("") == "the program");
    EXPECT(!exists("/file"));  // only directories have their place
    EXPECT(mount("proc", "/proc", "proc", 0, nullptr) == 0);
    EXPECT(sys.read_file("/proc/self/mountinfo", 1 << 16)->find(" / /disk ro") !=
           std::string::npos);
    EXPECT(rmdir("/disk/srv") != 0 && errno == EROFS);
    EXPECT(decide_role(sys) == Role::kFallback);
}

void a_root_with_room_is_left_alone() {
    ForwardingSys sys;
    make_dir("/run");
    make_dir("/sys");
    make_root_read_only();
    const Result<bool> made = make_room_for_mounts(sys);
    EXPECT(made.has_value() && !*made && !exists("/disk"));
    const auto mounts = read_mounts(sys);
    EXPECT(mounts.has_value() && mount_at(*mounts, "/disk") == nullptr);
}

void a_root_that_can_be_written_gets_its_directories() {
    ForwardingSys sys;
    const Result<bool> made = make_room_for_mounts(sys);
    EXPECT(made.has_value() && !*made);
    EXPECT(exists("/run") && exists("/sys") && !exists("/disk"));
}

}  // namespace

TEST_CASE("role: a tmpfs is a real root unless the kernel calls it rootfs") {
    CHECK_IN_SANDBOX(a_tmpfs_is_a_real_root_unless_the_kernel_calls_it_rootfs);
}
TEST_CASE("role: a read-only root without room gets a root in memory") {
    CHECK_IN_SANDBOX(a_root_without_room_gets_one_in_memory);
}
TEST_CASE("role: a read-only root with room is left alone") {
    CHECK_IN_SANDBOX(a_root_with_room_is_left_alone);
}
TEST_CASE("role: a root that can be written gets its directories") {
    CHECK_IN_SANDBOX(a_root_that_can_be_written_gets_its_directories);
}

}  // namespace prologue::ns
