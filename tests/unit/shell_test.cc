// SPDX-License-Identifier: MIT
// The shell in a child, on a pseudo terminal, with the test as PID 1: what is typed, what is seen, what
// is asked.
#include "init/rescue/shell.h"

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/base/sys_linux.h"
#include "init/rescue/protocol.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

using rescue::Message;
using rescue::Reply;
using rescue::Request;

constexpr int kLimitMs = 10'000;
constexpr char kPrompt[] = "[test] # ";

class ShellUnderTest {
  public:
    ShellUnderTest() {
        terminal_.reset(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
        CHECK(grantpt(terminal_.get()) == 0);
        CHECK(unlockpt(terminal_.get()) == 0);
        Result<rescue::Ends> ends = rescue::make_link();
        CHECK(ends.has_value());
        link_ = std::move(ends->here);
        values_.set_fact("disk", "/dev/null");
        rescue::ShellSetup setup;
        setup.prompt = kPrompt;
        setup.terminal = ptsname(terminal_.get());
        setup.greeting = "hello\n";
        setup.requests = ends->there.get();
        setup.settings = &settings_;
        setup.values = &values_;
        setup.envp = environment_;
        pid_ = fork();
        if (pid_ != 0) return;
        (void)setsid();
        LinuxSys sys;
        rescue::run_shell(setup, sys);
    }
    ~ShellUnderTest() {
        link_.reset();
        if (pid_ > 0) (void)waitpid(pid_, nullptr, 0);
    }
    ShellUnderTest(const ShellUnderTest&) = delete;
    ShellUnderTest& operator=(const ShellUnderTest&) = delete;

    void type(std::string_view keys) {
        CHECK(write(terminal_.get(), keys.data(), keys.size()) ==
              static_cast<ssize_t>(keys.size()));
    }
    // Waits until the screen has shown this behind what was waited for last; gives what is in front.
    std::string see(std::string_view text) {
        while (screen_.find(text) == std::string::npos) {
            if (!wait_for(terminal_.get())) {
                FAIL_CHECK("not seen: '", text, "' in '", screen_, "'");
                return {};
            }
            char buffer[1024];
            const ssize_t got = read(terminal_.get(), buffer, sizeof buffer);
            if (got > 0) screen_.append(buffer, static_cast<std::size_t>(got));
            if (got <= 0 && screen_.find(text) == std::string::npos) {
                FAIL_CHECK("the shell has ended: '", screen_, "'");
                return {};
            }
        }
        const std::size_t at = screen_.find(text);
        std::string before = screen_.substr(0, at);
        screen_.erase(0, at + text.size());
        return before;
    }
    // The next message of this kind; others are only activity.
    std::string hear(Request kind) {
        Message message;
        while (wait_for(link_.get())) {
            if (receive(link_.get(), rescue::kMaxRequest, message) != rescue::Receipt::kMessage)
                break;
            if (message.kind == static_cast<char>(kind)) return message.text;
        }
        FAIL_CHECK("not heard: ", static_cast<char>(kind));
        return {};
    }
    void answer(Reply kind, std::string_view text = {}) {
        CHECK(rescue::send(link_.get(), kind, text));
    }
    // Types a line at the prompt, and gives what is shown before the next one.
    std::string run(const std::string& line) {
        type(line + "\r");
        see("\n");
        return see(kPrompt);
    }
    [[nodiscard]] int end() {
        int status = -1;
        CHECK(waitpid(std::exchange(pid_, -1), &status, 0) > 0);
        return status;
    }
    void hang_up() { terminal_.reset(); }
    [[nodiscard]] std::string terminal() const { return ptsname(terminal_.get()); }
    void cut_link() { link_.reset(); }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    static bool wait_for(int fd) {
        pollfd entry{fd, POLLIN, 0};
        return poll(&entry, 1, kLimitMs) == 1;
    }

    Fd terminal_, link_;
    pid_t pid_ = -1;
    std::string screen_;
    Settings settings_;
    config::Values values_;
    char term_[16] = "TERM=linux";
    char* environment_[2] = {term_, nullptr};
};

}  // namespace

TEST_CASE("shell: greets, prompts, and says once that somebody is there") {
    ShellUnderTest shell;
    CHECK(shell.see(kPrompt) == "hello\r\n");
    shell.type("e");
    (void)shell.hear(Request::kUnlocked);
    shell.type("cho  a \"b  c\" ${disk} # not this\r");
    shell.see("\n");
    CHECK(shell.see(kPrompt) == "a b  c /dev/null\r\n");
}

TEST_CASE("shell: a stage line is asked of PID 1, and what it yields is known") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    shell.type("find /dev/vda -> root\r");
    CHECK(shell.hear(Request::kLine) == "find /dev/vda -> root");
    shell.answer(Reply::kText, "find /dev/vda (ext4) -> root\n");
    shell.answer(Reply::kFact, "root=/dev/vda");
    shell.answer(Reply::kDone);
    shell.see("\n");
    CHECK(shell.see(kPrompt) == "find /dev/vda (ext4) -> root\r\n");
    CHECK(shell.run("echo ${root}") == "/dev/vda\r\n");
}

TEST_CASE("shell: an unknown command, and the nearest one") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    CHECK(shell.run("statsu") ==
          "(typed):1:1: error: unknown command 'statsu'\r\n"
          "    1 | statsu\r\n"
          "      | ^~~~~~\r\n"
          "  hint: did you mean 'status'?\r\n");
    CHECK(shell.run("cp onlyone") ==
          "(typed):1:1: error: 'cp' takes FROM TO\r\n"
          "    1 | cp onlyone\r\n"
          "      | ^~\r\n");
    CHECK(shell.run("echo \"open").find("error: ") != std::string::npos);
    CHECK(shell.run("echo ${nothing}").find("error: ") != std::string::npos);
    CHECK(shell.run("") == "");
    CHECK(shell.run("# nothing").empty());
}

TEST_CASE("shell: NUL bytes, bytes that are no UTF-8 and a paste of 100 KB do no harm") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    CHECK(shell.run(std::string("ec\0ho \xff\xfe"
                                "a\x9b",
                                11)) == "a\r\n");
    for (int piece = 0; piece < 100; ++piece) shell.type(std::string(1024, 'x'));
    shell.type("\r");
    shell.see("error: a line has at most 1000 characters; it was not run\r\n");
    shell.see(kPrompt);
    CHECK(shell.run("echo still here") == "still here\r\n");
}

TEST_CASE("shell: Ctrl-C ends a line, a command, and what PID 1 is at") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    shell.type("half a line\x03");
    shell.see("^C\r\n");
    shell.see(kPrompt);
    shell.type("cat /dev/zero\r");
    shell.see(std::string_view("\0", 1));  // else the key could come before the command
    shell.type("\x03");
    shell.see(kPrompt);
    shell.type("find LABEL=nowhere -> x\r");
    (void)shell.hear(Request::kLine);
    shell.type("\x03");
    (void)shell.hear(Request::kInterrupt);
    shell.answer(Reply::kDone);
    shell.see(kPrompt);
    CHECK(shell.run("echo on") == "on\r\n");
}

TEST_CASE("shell: Ctrl-C that comes with the line counts") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    shell.type("find LABEL=nowhere -> x\r\x03");
    CHECK(shell.hear(Request::kLine) == "find LABEL=nowhere -> x");
    (void)shell.hear(Request::kInterrupt);
    shell.answer(Reply::kDone);
    shell.see("^C\r\n");
    shell.see(kPrompt);
    CHECK(shell.run("echo on") == "on\r\n");
}

// As the question for a passphrase is: by a process of its own, on the shell's terminal.
TEST_CASE("shell: while PID 1 is at work, what is typed is for whoever asks there") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    const Fd asker(open(shell.terminal().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    shell.type("decrypt /dev/null -> plain\r");
    (void)shell.hear(Request::kLine);
    for (const std::string secret : {"first", "second", "third"}) {
        shell.type(secret + "\r");
        std::string got;
        char buffer[64];
        for (pollfd entry{asker.get(), POLLIN, 0}; got.size() <= secret.size();) {
            CHECK(poll(&entry, 1, kLimitMs) == 1);
            if (entry.revents != POLLIN) break;
            const ssize_t count = read(asker.get(), buffer, sizeof buffer);
            if (count > 0) got.append(buffer, static_cast<std::size_t>(count));
        }
        CHECK(got == secret + "\r");
    }
    shell.type("typed too late");
    shell.type("\x03");
    (void)shell.hear(Request::kInterrupt);
    shell.answer(Reply::kDone);
    const std::string shown = shell.see(kPrompt);
    CHECK(shown.ends_with("-> plain\r\n^C\r\n"));
    CHECK(shell.run("echo on") == "on\r\n");
}

TEST_CASE("shell: a program gets the terminal, stops, and goes on") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    CHECK(shell.run("exec /bin/sh -c \"tty -s && echo on a terminal; exit 5\"") ==
          "on a terminal\r\nexit status 5\r\n");
    CHECK(shell.run("exec /bin/sh -c \"kill -9 $$\"") == "killed by signal 9\r\n");
    shell.type("exec /bin/sh -c \"echo ready; exec cat\"\r");
    shell.see("ready\r\n");  // what is typed before the program has the terminal is the editor's
    shell.type("line\r");
    shell.see("line\r\nline\r\n");
    shell.type("\x1a");
    shell.see("stopped; 'fg' goes on with it\r\n");
    shell.see(kPrompt);
    shell.type("fg\r");
    shell.see("\n");
    shell.type("again\n");  // as it is in either mode: the program may not have the terminal yet
    shell.see("again\r\n");
    shell.type("\x04");
    shell.see(kPrompt);
    CHECK(shell.run("fg") == "error: no program was stopped\r\n");
    CHECK(shell.run("exec timeuot=5s /bin/true").find("error: ") != std::string::npos);
    CHECK(shell.run("exec /nothing/here").find("No such file or directory (ENOENT)") !=
          std::string::npos);
}

TEST_CASE("shell: mount as people type it") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    CHECK(shell.run("mount").find(" on / type ") != std::string::npos);
    shell.type("mount -t ext4 -o ro /dev/vda /mnt\r");
    CHECK(shell.hear(Request::kLine) == "mount /dev/vda /mnt type=ext4 options=ro");
    shell.answer(Reply::kDone);
    shell.see("\n");
    shell.see(kPrompt);
    CHECK(shell.run("mount -Q /dev/vda /mnt").find("'mount' has no option '-Q' here") !=
          std::string::npos);
}

TEST_CASE("shell: it ends when PID 1 says so, when PID 1 is gone, and with its terminal") {
    {
        ShellUnderTest shell;
        shell.see(kPrompt);
        shell.answer(Reply::kLeave, "used elsewhere\n");
        shell.see("used elsewhere\r\n");
        CHECK(shell.end() == 0);
    }
    {
        ShellUnderTest shell;
        shell.see(kPrompt);
        shell.cut_link();
        CHECK(shell.end() == 0);
    }
    {
        ShellUnderTest shell;
        shell.see(kPrompt);
        shell.hang_up();
        const int status = shell.end();
        CHECK((status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP)));
    }
}

TEST_CASE("shell: Ctrl-D asks to go on") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    shell.type("\x04");
    CHECK(shell.hear(Request::kLine) == "continue");
    shell.answer(Reply::kDone);
    shell.see(kPrompt);
}

TEST_CASE("shell: Tab completes commands, paths and names") {
    ShellUnderTest shell;
    shell.see(kPrompt);
    shell.type("ech\t/dev/nul\tdi\t\r");
    shell.see("echo /dev/null disk ");
    shell.see(kPrompt);
}

}  // namespace prologue::tests
