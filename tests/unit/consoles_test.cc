// SPDX-License-Identifier: MIT
#include "init/consoles.h"

#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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

TEST_CASE("consoles: what Ctrl-S holds is kept, and sent when the machine ends") {
    const Fd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    CHECK(unlockpt(terminal.get()) == 0);
    const std::string name = std::string(ptsname(terminal.get())).substr(sizeof "/dev/" - 1);
    fake::FakeSys sys;
    sys.root().add_file("/sys/class/tty/console/active", name + "\n");
    Consoles consoles;
    consoles.open(sys, {});
    CHECK_FALSE(consoles.were_used());

    // In this mode the terminal says when its other side has taken the key.
    int on = 1, off = 0;
    char text[16] = {};
    CHECK(ioctl(terminal.get(), TIOCPKT, &on) == 0);
    CHECK(write(terminal.get(), "\x13", 1) == 1);
    CHECK(read(terminal.get(), text, sizeof text) == 1);
    CHECK((text[0] & TIOCPKT_STOP) != 0);
    CHECK(ioctl(terminal.get(), TIOCPKT, &off) == 0);
    consoles.show("held\n");
    CHECK(consoles.were_used());
    CHECK_FALSE(consoles.drained());

    consoles.start_output();
    consoles.flush();
    CHECK(consoles.drained());
    const ssize_t got = read(terminal.get(), text, sizeof text);
    CHECK(std::string_view(text, static_cast<std::size_t>(got)) == "held\r\n");
    termios mode{};
    CHECK((tcgetattr(terminal.get(), &mode) == 0 && (mode.c_iflag & IXON) == 0));
}

}  // namespace prologue::tests
