// SPDX-License-Identifier: MIT
// Rescue sessions on pseudo terminals: PID 1's side is this program's, the shells are real, and a process
// beside them is the person who types. It waits for what is shown before each key.
#include "init/rescue/session.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "init/rescue/sha_crypt.h"
#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

using rescue::Entry;
using rescue::SessionEnd;

constexpr int kLimitMs = 30'000;
constexpr char kPrompt[] = "[rescue] # ";
constexpr char kConfig[] = "write /a 1\nwrite /b 2\npoweroff\n";

// The other end of a terminal.
class Screen {
  public:
    Screen() {
        master_.reset(open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
        int number = -1, locked = 0;
        EXPECT(ioctl(master_.get(), TIOCGPTN, &number) == 0);
        EXPECT(ioctl(master_.get(), TIOCSPTLCK, &locked) == 0);
        name_ = "pts/" + std::to_string(number);
    }
    [[nodiscard]] const std::string& name() const { return name_; }
    void type(std::string_view keys) {
        EXPECT(write(master_.get(), keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
    }
    // Waits until this is shown behind what was waited for last.
    void see(std::string_view text) {
        std::size_t at = 0;
        while ((at = shown_.find(text, seen_)) == std::string::npos) {
            if (!read_more())
                return speak("not seen: '" + std::string(text) + "' in '" + shown_ + "'");
        }
        seen_ = at + text.size();
    }
    [[nodiscard]] bool has_shown(std::string_view text) const {
        return shown_.find(text) != std::string::npos;
    }
    void close() { master_.reset(); }

  private:
    bool read_more() {
        pollfd entry{master_.get(), POLLIN, 0};
        if (poll(&entry, 1, kLimitMs) != 1) return false;
        char buffer[1024];
        const ssize_t got = read(master_.get(), buffer, sizeof buffer);
        // While no shell has the terminal open there is nothing to read but EIO.
        if (got < 0 && errno == EIO) return true;
        if (got > 0) shown_.append(buffer, static_cast<std::size_t>(got));
        return got > 0;
    }

    Fd master_;
    std::string name_, shown_;
    std::size_t seen_ = 0;
};

// `write` fails until the config is read again.
class Machine final : public StageRunner, public rescue::SessionHost {
  public:
    bool is_broken = true;
    std::string complaints;                  // what reading it again says
    const config::Source* mended = nullptr;  // what it is then; null: as before
    Plan* plan = nullptr;
    Executor* executor = nullptr;
    std::string asked;

    Result<StageOutcome> run(const StageRun& run) override {
        asked += run.step.type->keyword.str() + " ";
        if (is_broken && run.step.type->keyword.view() == "write")
            return fail(Error::system("open", ENOENT, "/a"));
        return StageOutcome{};
    }
    Result<> start_service(const ServiceOrder&) override { return {}; }
    char* const* environment() override { return nullptr; }
    Result<> end_secrets(const Plan&, const config::Values&) override { return {}; }
    void serve_devices() override {}  // no typed line here asks for it
    std::string replan() override {
        is_broken = !complaints.empty();
        if (mended != nullptr) {
            PlanInput input;
            input.config = mended;
            input.on_target = true;
            executor->forget_plan();
            *plan = make_plan(input);
            EXPECT(plan->ok());
        }
        return std::exchange(complaints, {});
    }
};

void mount_terminals() {
    make_dir("/dev/pts");
    EXPECT(mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") == 0);
}

// A boot that stands at its first line, which has failed, and the person who is called.
class Boot {
  public:
    explicit Boot(const std::string& text = kConfig)
        : source_{"boot.conf", text},
          executor_((mount_terminals(), one_.sys), machine, log_, values_) {
        PlanInput input;
        input.config = &source_;
        input.command_line = &values_.command_line;
        input.on_target = true;
        plan = make_plan(input);
        EXPECT(plan.ok());
        machine.plan = &plan;
        machine.executor = &executor_;
        for (Screen& screen : screens) plan.settings.prompt_consoles.push_back(screen.name());
        if (plan.ok()) (void)executor_.run(plan);
        machine.asked.clear();
    }
    // `person` has the screens, and comes to its end.
    SessionEnd hold(void (*person)(Screen*), Entry entry = Entry::kFailure) {
        int ends[2], leave[2];
        EXPECT(pipe2(ends, O_CLOEXEC) == 0 && pipe2(leave, O_CLOEXEC) == 0);
        if (fork() == 0) {
            sigset_t none;
            sigemptyset(&none);
            (void)sigprocmask(SIG_SETMASK, &none, nullptr);
            person(screens);
            // The terminals stay until the last key has been read.
            char byte = 0;
            (void)::close(leave[1]);
            (void)!write(ends[1], "x", 1);
            (void)!read(leave[0], &byte, 1);
            _exit(0);
        }
        for (Screen& screen : screens) screen.close();
        rescue::Session session({one_.sys, one_.supervisor, one_.consoles, log_, executor_, values_,
                                 plan, machine, "generic", environment_},
                                entry, "the failure\n");
        SessionEnd end = session.run();
        char byte = 0;
        pollfd entry_of_end{ends[0], POLLIN, 0};
        EXPECT(poll(&entry_of_end, 1, kLimitMs) == 1 && read(ends[0], &byte, 1) == 1);
        (void)::close(leave[1]);
        return end;
    }
    void ask_for_password() {
        plan.settings.rescue = RescuePolicy::kPassword;
        plan.settings.rescue_hash = rescue::sha_crypt("secret", "$5$salt");
    }

    Machine machine;
    Plan plan;

  private:
    config::Source source_;
    PidOne one_;
    KernelLog log_;
    config::Values values_;
    Executor executor_;
    char term_[16] = "TERM=linux";
    char* environment_[2] = {term_, nullptr};

  public:
    Screen screens[2];
};

// All processes that are a shell's.
void kill_shells() {
    for (int pid = 2; pid < 1000; ++pid) {
        const std::string path = "/proc/" + std::to_string(pid) + "/comm";
        char name[16] = {};
        const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file.valid() && read(file.get(), name, sizeof name - 1) > 0 &&
            std::strcmp(name, "shell\n") == 0)
            (void)kill(pid, SIGKILL);
    }
}

void the_first_that_types_has_it() {
    Boot boot;
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        screens[1].see(kPrompt);
        screens[1].type("why\r");
        screens[1].see("the failure\r\n");
        screens[0].see("prologue: the rescue shell is used on pts/1\r\n");
        screens[1].see(kPrompt);
        screens[1].type("status\r");
        screens[1].see("   1  failed ");
        screens[1].see("   2  not run");
        screens[1].see(kPrompt);
        screens[1].type("continue\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPlanEnd && end.end.ending == Ending::kPowerOff);
    EXPECT(boot.machine.asked == "poweroff ");
}

void retry_reads_the_config_again() {
    Boot boot;
    boot.machine.complaints = "boot.conf:1:1: error: a mistake\n";
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        screens[0].type("retry\r");
        screens[0].see("boot.conf:1:1: error: a mistake\r\n");
        screens[0].see(kPrompt);
        screens[0].type("retry\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPlanEnd && boot.machine.asked == "write write poweroff ");
}

// What runs when the config has become this and a person says `retry`.
std::string asked_after_mending(const std::string& text) {
    const config::Source mended{"boot.conf", text};
    Boot boot("modules a\nwrite /b 2\npoweroff\n");
    boot.machine.mended = &mended;
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        screens[0].type("retry\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPlanEnd);
    return boot.machine.asked;
}

void retry_finds_the_line_that_failed() {
    EXPECT(asked_after_mending("mount tmpfs /x\nmodules a\nwrite /b 2\npoweroff\n") ==
           "write poweroff ");
}

void retry_goes_on_with_what_was_put_in_front_of_it() {
    EXPECT(asked_after_mending("modules a\nmodules loop\nwrite /c 2\npoweroff\n") ==
           "modules write poweroff ");
}

void a_second_failure_is_shown_and_another_line_can_be_skipped() {
    Boot boot;
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        screens[0].type("skip\r");
        screens[0].see("boot.conf:2:1: error: open /a: No such file or directory (ENOENT)\r\n");
        screens[0].see(kPrompt);
        screens[0].type("why\r");
        screens[0].see("boot.conf:2:1: error: open /a");
        screens[0].see(kPrompt);
        screens[0].type("skip\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPlanEnd && boot.machine.asked == "write poweroff ");
}

void without_a_plan_there_is_nothing_to_go_on_with() {
    Boot boot;
    const SessionEnd end = boot.hold(
        [](Screen* screens) {
            screens[0].see("'why' shows the mistakes");
            screens[0].see(kPrompt);
            screens[0].type("continue\r");
            screens[0].see("error: there is no config to go on with; 'retry' reads it again\r\n");
            screens[0].see(kPrompt);
            screens[0].type("skip\r");
            screens[0].see("error: there is no line to skip\r\n");
            screens[0].see(kPrompt);
            screens[0].type("reboot -f\r");
        },
        Entry::kBadConfig);
    EXPECT(end.kind == SessionEnd::Kind::kReboot && end.at_once && boot.machine.asked.empty());
}

void a_shell_that_dies_is_followed_by_another() {
    Boot boot;
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        screens[1].see(kPrompt);
        kill_shells();  // both at once
        screens[0].see(kPrompt);
        screens[1].see(kPrompt);
        screens[0].type("echo used\r");
        screens[1].see("the rescue shell is used on pts/0");
        screens[0].see("used\r\n");
        screens[0].see(kPrompt);
        kill_shells();
        screens[0].see(kPrompt);
        screens[1].see(kPrompt);
        screens[1].type("poweroff\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPowerOff && !end.at_once);
}

void terminals_that_are_gone_lead_to_the_policy() {
    Boot boot;
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        screens[1].see(kPrompt);
        screens[0].close();
        screens[1].close();
    });
    EXPECT(end.kind == SessionEnd::Kind::kPolicy && end.why == "no console can be used");
}

void nobody_uses_it_within_its_time() {
    Boot boot;
    boot.plan.settings.rescue_timeout = std::chrono::milliseconds(300);
    const SessionEnd end = boot.hold([](Screen* screens) { screens[0].see(kPrompt); });
    EXPECT(end.kind == SessionEnd::Kind::kPolicy && end.why == "nobody uses it");
}

void a_request_to_stop_comes_first() {
    Boot boot;
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see(kPrompt);
        (void)kill(1, SIGINT);
    });
    EXPECT(end.kind == SessionEnd::Kind::kStopRequest);
}

void the_password_opens_it_and_is_never_shown() {
    Boot boot;
    boot.ask_for_password();
    const SessionEnd end = boot.hold([](Screen* screens) {
        Screen& screen = screens[0];
        screen.see("password: ");
        screen.type(
            "not this\x15"
            "almos\x7f"
            "\x03");  // Ctrl-U, Backspace, Ctrl-C: asked anew
        screen.see("password: ");
        screen.type("wrong\r");
        screen.see("wrong password\r\n");
        screen.see("password: ");
        screen.type(
            "nonsense\x15"
            "secrex\x7f"
            "t\r");
        screen.see(kPrompt);
        for (const char* typed : {"not this", "almos", ": wrong", "nonsense", "secre"})
            EXPECT(!screen.has_shown(typed));
        screen.type("poweroff\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPowerOff);
}

void three_wrong_passwords_on_whatever_console_are_the_policy() {
    Boot boot;
    boot.ask_for_password();
    const SessionEnd end = boot.hold([](Screen* screens) {
        screens[0].see("password: ");
        screens[1].see("password: ");
        screens[0].type("one\r");
        screens[0].see("wrong password\r\n");
        screens[1].type("two\r");
        screens[1].see("wrong password\r\n");
        screens[0].see("password: ");
        screens[0].type("three\r");
    });
    EXPECT(end.kind == SessionEnd::Kind::kPolicy && end.why == "three wrong passwords");
}

// Else its end would be a way to begin the count anew.
void a_shell_that_ends_at_its_password_has_failed() {
    Boot boot;
    boot.ask_for_password();
    const SessionEnd end = boot.hold([](Screen* screens) {
        for (int round = 0; round < 3; ++round) {
            screens[0].see("password: ");
            screens[0].type("x");
            screens[0].type("\x03");
            screens[0].see("password: ");
            kill_shells();
        }
    });
    EXPECT(end.kind == SessionEnd::Kind::kPolicy && end.why == "three wrong passwords");
}

}  // namespace

TEST_CASE("session: the first console that is typed at has the shell, and goes on") {
    CHECK_IN_SANDBOX(the_first_that_types_has_it);
}
TEST_CASE("session: retry reads the config again") {
    CHECK_IN_SANDBOX(retry_reads_the_config_again);
}
TEST_CASE("session: retry finds the line that failed when another was put before") {
    CHECK_IN_SANDBOX(retry_finds_the_line_that_failed);
}
TEST_CASE("session: retry goes on with a line that was put right in front") {
    CHECK_IN_SANDBOX(retry_goes_on_with_what_was_put_in_front_of_it);
}
TEST_CASE("session: a second failure is shown, and its line can be skipped") {
    CHECK_IN_SANDBOX(a_second_failure_is_shown_and_another_line_can_be_skipped);
}
TEST_CASE("session: without a plan there is nothing to go on with") {
    CHECK_IN_SANDBOX(without_a_plan_there_is_nothing_to_go_on_with);
}
TEST_CASE("session: a shell that dies is followed by another, everywhere") {
    CHECK_IN_SANDBOX(a_shell_that_dies_is_followed_by_another);
}
TEST_CASE("session: terminals that are gone lead to the policy") {
    CHECK_IN_SANDBOX(terminals_that_are_gone_lead_to_the_policy);
}
TEST_CASE("session: nobody uses it within its time") {
    CHECK_IN_SANDBOX(nobody_uses_it_within_its_time);
}
TEST_CASE("session: a request to stop comes first") {
    CHECK_IN_SANDBOX(a_request_to_stop_comes_first);
}
TEST_CASE("session: the password opens it, and is never shown") {
    CHECK_IN_SANDBOX(the_password_opens_it_and_is_never_shown);
}
TEST_CASE("session: three wrong passwords on whatever console are the policy") {
    CHECK_IN_SANDBOX(three_wrong_passwords_on_whatever_console_are_the_policy);
}
TEST_CASE("session: a shell that ends at its password has failed") {
    CHECK_IN_SANDBOX(a_shell_that_ends_at_its_password_has_failed);
}

}  // namespace prologue::ns
