// SPDX-License-Identifier: MIT
#include "init/consoles.h"

#include "tests/trace/fake_sys.h"
#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("consoles: the kernel's list of names") {
    using Names = std::vector<std::string>;
    CHECK(split_console_names("tty0 ttyS0\n") == Names{"tty0", "ttyS0"});
    CHECK(split_console_names("ttyS0") == Names{"ttyS0"});
    CHECK(split_console_names("\n") == Names{});
    CHECK(split_console_names("") == Names{});
    CHECK(split_console_names("  a  b \n") == Names{"a", "b"});
}

TEST_CASE("consoles: a console that is not there is left out") {
    fake::FakeSys sys;
    sys.root().add_file("/sys/class/tty/console/active", "no-such-console ttyNothing9\n");
    Consoles consoles;
    consoles.open(sys, {"another-that-is-missing"});
    consoles.show("nobody sees this\n");
    CHECK(consoles.drained());
    CHECK_FALSE(consoles.can_read());
    CHECK_FALSE(consoles.take_keys());
    std::vector<pollfd> entries;
    consoles.add_poll_entries(entries, true);
    CHECK(entries.empty());
    consoles.prepare_keys();
    consoles.restore_input();
    consoles.close();
}

TEST_CASE("consoles: /dev/null takes everything and /dev/full is given up") {
    fake::FakeSys sys;
    sys.root().add_file("/sys/class/tty/console/active", "null full\n");
    Consoles consoles;
    consoles.open(sys, {"null"});
    consoles.show(std::string(1 << 20, 'x'));
    for (int turn = 0; turn < 100 && !consoles.drained(); ++turn) consoles.flush();
    CHECK(consoles.drained());
}

}  // namespace prologue::tests
