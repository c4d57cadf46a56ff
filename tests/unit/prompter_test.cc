// SPDX-License-Identifier: MIT
// The question for a passphrase on pseudo terminals, asked by a child as at boot.
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "init/base/fd.h"
#include "init/base/sys_linux.h"
#include "stages/keyboards.h"
#include "stages/luks/tools.h"
#include "tests/trace/fake_sys.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

constexpr std::string_view kQuestion = "Passphrase: ";
constexpr int kLimit = 20'000;  // milliseconds; nothing here takes as long

class Line {
  public:
    Line() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        CHECK(unlockpt(master_.get()) == 0);
        path_ = ptsname(master_.get());
        // While nobody has the other side open, a terminal that was opened and closed counts as hung up.
        slave_.reset(open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    }
    // Below /dev/.
    [[nodiscard]] std::string name() const { return path_.substr(sizeof "/dev/" - 1); }
    void type(std::string_view text) const {
        CHECK(write(master_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    bool says(std::string_view text) {
        while (said_.find(text) == std::string::npos) {
            pollfd entry{master_.get(), POLLIN, 0};
            char buffer[512];
            if (poll(&entry, 1, kLimit) != 1) return false;
            const ssize_t got = read(master_.get(), buffer, sizeof buffer);
            if (got <= 0) return false;
            said_.append(buffer, static_cast<std::size_t>(got));
        }
        return true;
    }
    [[nodiscard]] const std::string& said() const { return said_; }
    [[nodiscard]] tcflag_t modes() const {
        termios mode{};
        CHECK(tcgetattr(master_.get(), &mode) == 0);
        return mode.c_lflag;
    }
    void hang_up() {
        slave_.reset();
        master_.reset();
    }

  private:
    Fd master_, slave_;
    std::string path_, said_;
};

enum Exit : int { kRight = 0, kWrong = 1, kNobody = 2, kNoConsole = 3 };

// Says so on a terminal when it is to look at what is there; one with a gate, a FIFO,
// goes on with that until somebody opens it.
class Listener final : public UeventListener {
  public:
    explicit Listener(std::string terminal, std::string gate = {})
        : terminal_(std::move(terminal)), gate_(std::move(gate)) {}
    void on_event(const Uevent&) override {}
    void rescan() override {
        const Fd fd(open(terminal_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
        (void)!write(fd.get(), kRescan.data(), kRescan.size());
        if (!gate_.empty()) const Fd gate(open(gate_.c_str(), O_RDONLY | O_CLOEXEC));
    }
    void explain(Error&) override {}

    static constexpr std::string_view kRescan = "rescan";

  private:
    std::string terminal_, gate_;
};

// Asks on the consoles: exit status kRight for "secret".
pid_t ask(const std::vector<std::string>& consoles, UeventListener* listener = nullptr) {
    const pid_t child = fork();
    if (child != 0) return child;
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);  // the other sides, which would stay open
    LinuxSys sys;
    std::unique_ptr<Prompter> prompter = make_console_prompter(sys, listener);
    const Instant deadline = deadline_after(sys.now(), std::chrono::milliseconds(kLimit));
    const Result<Secret> answer = prompter->ask({std::string(kQuestion), consoles, deadline});
    prompter.reset();
    if (!answer) _exit(answer.error()->kind == ErrorKind::kTimeout ? kNobody : kNoConsole);
    const std::string_view text(answer->bytes().data(), answer->bytes().size());
    _exit(text == "secret" ? kRight : kWrong);
}

int exit_status(pid_t child) {
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("prompter: the first answer counts, nothing is echoed, and the modes come back") {
    Line one, other;
    const tcflag_t before = one.modes();
    const pid_t child = ask({one.name(), other.name()});
    CHECK((one.says(kQuestion) && other.says(kQuestion)));
    CHECK((other.modes() & (ECHO | ISIG)) == 0);
    other.type("wrong\x15secre7\x7ft\n");
    CHECK(exit_status(child) == kRight);
    CHECK(one.modes() == before);
    CHECK(other.said().find("secre") == std::string::npos);
}

TEST_CASE("prompter: while it asks, devices are served that came before") {
    Line one;
    Listener listener("/dev/" + one.name());
    const pid_t child = ask({one.name()}, &listener);
    CHECK(one.says(std::string(Listener::kRescan) + std::string(kQuestion)));
    one.type("secret\n");
    CHECK(exit_status(child) == kRight);
}

// A driver that takes its time in its probe: it is not broken off there, for nobody would try it again.
TEST_CASE("prompter: a driver that is slow holds up nobody who types, and comes to its end") {
    REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    Line one;
    char folder[] = "/tmp/prologue-prompter-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    const std::string gate = std::string(folder) + "/gate";
    REQUIRE(mkfifo(gate.c_str(), 0600) == 0);
    Listener listener("/dev/" + one.name(), gate);
    const pid_t child = ask({one.name()}, &listener);
    CHECK(one.says(std::string(Listener::kRescan) + std::string(kQuestion)));
    one.type("secret\n");
    CHECK(exit_status(child) == kRight);
    int status = 0;
    CHECK(waitpid(-1, &status, WNOHANG) == 0);
    const Fd opened(open(gate.c_str(), O_WRONLY | O_CLOEXEC));
    CHECK(waitpid(-1, &status, 0) > 0);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    CHECK((unlink(gate.c_str()) == 0 && rmdir(folder) == 0));
    REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 0) == 0);
}

TEST_CASE("prompter: a console that is hung up is left, and the others are asked on") {
    Line one, other;
    const pid_t child = ask({one.name(), other.name()});
    CHECK((one.says(kQuestion) && other.says(kQuestion)));
    one.hang_up();
    other.type("secret\n");
    CHECK(exit_status(child) == kRight);
}

TEST_CASE("prompter: when the last console is hung up, nobody can answer") {
    Line one;
    const pid_t child = ask({one.name()});
    CHECK(one.says(kQuestion));
    one.hang_up();
    CHECK(exit_status(child) == kNoConsole);
}

TEST_CASE("prompter: consoles are made sane after one who asked was killed") {
    Line one;
    const pid_t child = ask({one.name()});
    CHECK(one.says(kQuestion));
    CHECK(kill(child, SIGKILL) == 0);
    (void)exit_status(child);
    CHECK((one.modes() & ECHO) == 0);
    LinuxSys sys;
    make_console_prompter(sys)->make_sane({one.name()});
    CHECK((one.modes() & (ECHO | ICANON | ISIG)) == (ECHO | ICANON | ISIG));
}

TEST_CASE("prompter: what has letters and Enter is a keyboard") {
    fake::FakeSys sys;
    CHECK(missing_keyboard(sys) == "No keyboard is there yet; input devices: none\n");
    sys.root().add_file("/sys/class/input/input0/name", "Power \x1b Button\n");
    sys.root().add_file("/sys/class/input/input0/capabilities/key", "10000000000000 0\n");
    sys.root().add_file("/sys/class/input/event0/dev", "13:64\n");
    CHECK(missing_keyboard(sys) == "No keyboard is there yet; input devices: Power ? Button\n");
    sys.root().add_file("/sys/class/input/input3/name", "AT Translated Set 2 keyboard\n");
    sys.root().add_file("/sys/class/input/input3/capabilities/key",
                        "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n");
    CHECK(missing_keyboard(sys).empty());
}

TEST_CASE("prompter: a screen is a virtual terminal") {
    CHECK((is_screen("tty0") && is_screen("tty63")));
    CHECK_FALSE((is_screen("ttyS0") || is_screen("tty") || is_screen("hvc0")));
}

}  // namespace prologue::tests
