// SPDX-License-Identifier: MIT
#include "init/processes.h"

#include "tests/trace/fake_sys.h"
#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("processes: what one that takes too long is at") {
    fake::FakeSys sys;
    CHECK(activity_of(8, sys) == "it was waiting in an unknown place");
    sys.root().add_file("/proc/7/comm", "find\n");
    sys.root().add_file("/proc/7/wchan", "0");
    CHECK(activity_of(7, sys) == "find was running");
    sys.root().add_file("/sys/block/vda/inflight", "       0        0\n");
    sys.root().add_file("/proc/9/comm", "mount\n");
    sys.root().add_file("/proc/9/wchan", "io_schedule");
    CHECK(activity_of(9, sys) == "mount was waiting in io_schedule");
    sys.root().add_file("/sys/block/vdb/inflight", "       0        1\n");
    sys.root().add_file("/sys/block/vdc/inflight", "      20        0\n");
    CHECK(activity_of(9, sys) == "mount was waiting in io_schedule; not answered yet: vdb, vdc");
}

TEST_CASE("processes: the newest of a group") {
    fake::FakeSys sys;
    CHECK(newest_of_group(7, sys) == 7);
    sys.root().add_file("/proc/7/stat", "7 (exec) S 1 7 0 0 -1\n");
    sys.root().add_file("/proc/9/stat", "9 (a) S 8 (b) S 7 7 0 0 -1\n");
    sys.root().add_file("/proc/8/stat", "8 (fsck) S 7 7 0 0 -1\n");
    sys.root().add_file("/proc/10/stat", "10 (daemon) S 1 10 10 0 -1\n");
    sys.root().add_file("/proc/11/stat", "no process");
    sys.root().add_file("/proc/meminfo", "MemTotal");
    CHECK(newest_of_group(7, sys) == 9);
}

TEST_CASE("processes: the top of a kernel stack") {
    fake::FakeSys sys;
    CHECK(kernel_stack_of(7, sys).empty());
    sys.root().add_file("/proc/7/stack", "[<0>] a+0x1/0x2\n[<0>] b\nc\nd\ne\nf\ng\n");
    CHECK(kernel_stack_of(7, sys) == "[<0>] a+0x1/0x2 [<0>] b c d e f");
}

}  // namespace prologue::tests
