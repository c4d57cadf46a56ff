// SPDX-License-Identifier: MIT
// Who ends how, and what follows: a row of the tables in prologue(8) a test. In one boot of a real root
// the child of a stage, a program of exec, a service, the built-in shell and at last PID 1 itself end in
// that way; tests/guest/faults.cc lets them. The last word is PID 1's, never the kernel's.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/files.h"
#include "tests/qemu/minroot.h"
#include "tests/qemu/person.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kPrompt[] = "[minroot] $ ";
// The stage that the config begins with, and that is then typed twice, as line 1 again.
constexpr char kStage[] = "write /proc/sys/kernel/hostname x";

// What the log says of each.
struct Row {
    std::string fault;    // of faults.cc
    std::string program;  // the one that ends so, for --add
    std::string stage = {};
    std::string exec = {};
    std::string service = {};
    std::string shell = {};
    std::string last_words = {};  // of PID 1; empty: nothing ends it
};

std::string path_of(const Row& row) {
    return row.program.substr(row.program.rfind(':') + 1);
}

Machine machine_of_row(const Row& row) {
    const std::string path = path_of(row);
    const std::string keep = row.service.ends_with("again") ? "" : "respawn=no ";
    std::string first = kStage;
    first.insert(first.find(' '), " on-failure=continue");
    const std::string config = first + "\nexec on-failure=continue " + path + "\nservice " + keep +
                               path + "\nservice shell\nsupervise\n";
    std::vector<std::string> options = {"--size", "4MiB", "--add", row.program};
    const std::vector<std::string> faults = with_faults();
    options.insert(options.end(), faults.begin(), faults.end());
    Machine machine;
    machine.disks = {{"root", "nvme,serial=1", build_minroot({config, options})}};
    machine.words = "root=/dev/nvme0n1 guest.fault=1:" + row.fault + ",shell-" + row.fault +
                    ",pid1-" + row.fault;
    machine.memory_mib = 128;
    return machine;
}

// A person at the shell of such a root.
class Person {
  public:
    explicit Person(const Machine& machine) : vm_(machine) {}
    bool see(std::string_view text) { return vm_.wait_for_text(text, seen_); }
    bool type(std::string_view line) {
        vm_.send(std::string(line) + "\r");
        return see(kPrompt);
    }
    // The kernel's log is where services and children are heard of; one may come a little later.
    bool log_has(const std::string& text) {
        std::size_t begin = seen_;
        const std::string line = "prologue: " + text;
        while (type("dmesg")) {
            if (vm_.serial_log().find(line, begin) != std::string::npos) return true;
        }
        return false;
    }
    Vm& vm() { return vm_; }

  private:
    Vm vm_;
    std::size_t seen_ = 0;
};

void end_pid1(Person& person, const Row& row) {
    if (row.last_words.empty()) {
        for (const char* signal : {"KILL", "SEGV", "ABRT"})
            if (!person.type("kill -" + std::string(signal) + " 1")) return;
        if (!person.type("echo it lives")) return;
        must(person.vm(), kPressCtrlAltDel);
        person.vm().finish();
        check_end(person.vm(), End::kReboot);
        return;
    }
    person.vm().send(std::string(kStage) + "\r");
    person.vm().finish();
    const Transcript text = person.vm().transcript();
    text.has_times(2, "prologue: internal fault in PID 1: " + row.last_words + "; rebooting");
    text.has("reboot: Restarting system");
    CHECK(person.vm().reason() == "guest-reset");
}

void check_row(const Row& row) {
    Person person(machine_of_row(row));
    if (!person.see(kPrompt)) return;
    const std::string going_on = "; going on (on-failure=continue)";
    const std::string exec = "exec " + path_of(row);
    CHECK(person.log_has("write: " + row.stage + going_on));
    CHECK(person.log_has(row.exec == "done" ? exec + ", " : exec + ": " + row.exec + going_on));
    CHECK(person.log_has("service " + path_of(row) + ": " + row.service));
    person.vm().send(std::string(kStage) + "\r");
    // Another shell greets.
    if (!person.see("'help' lists the commands") || !person.see(kPrompt)) return;
    CHECK(person.log_has("service shell: " + row.shell));
    end_pid1(person, row);
    person.vm().transcript().lacks("*Kernel panic*");
    person.vm().transcript().lacks("*Attempted to kill init*");
}

}  // namespace

TEST_CASE("ends: returns 0") {
    check_row({.fault = "return",
               .program = trouble_program("end-0"),
               .stage = "ended without a report, exit status 0",
               .exec = "done",
               .service = "exit status 0; it is started again",
               .shell = "exit status 0; it is started again",
               .last_words = "an exit"});
}

TEST_CASE("ends: returns 3") {
    check_row({.fault = "exit",
               .program = trouble_program("end-3"),
               .stage = "ended without a report, exit status 3",
               .exec = "exit status 3",
               .service = "exit status 3; it is started again",
               .shell = "exit status 3; it is started again",
               .last_words = "an exit"});
}

TEST_CASE("ends: aborts") {
    check_row({.fault = "abort",
               .program = guest_program("abort"),
               .stage = "crashed: SIGABRT",
               .exec = "killed by signal 6",
               .service = "killed by signal 6; it is started again",
               .shell = "killed by signal 6; it is started again",
               .last_words = "aborted"});
}

TEST_CASE("ends: segfaults") {
    check_row({.fault = "segv",
               .program = guest_program("segv"),
               .stage = "crashed: SIGSEGV",
               .exec = "killed by signal 11",
               .service = "killed by signal 11; it is started again",
               .shell = "killed by signal 11; it is started again",
               .last_words = "segmentation fault (SIGSEGV)"});
}

TEST_CASE("ends: is killed") {
    check_row({.fault = "kill",
               .program = trouble_program("end-kill"),
               .stage = "crashed: SIGKILL",
               .exec = "killed by signal 9",
               .service = "killed by signal 9; it is started again",
               .shell = "killed by signal 9; it is started again"});
}

TEST_CASE("ends: is refused memory") {
    check_row({.fault = "huge",
               .program = trouble_program("hog"),
               .stage = "Out of memory (ENOMEM)",
               .exec = "killed by signal 9",
               .service = "killed by signal 9",
               .shell = "killed by signal 6; it is started again",
               .last_words = "out of memory"});
}

}  // namespace prologue::qemu_tests
