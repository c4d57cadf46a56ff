// SPDX-License-Identifier: MIT
// The watchdog's rules, on a file in the place of the device: what is written to it is seen.
#include "init/watchdog.h"

#include <cstdlib>
#include <string>

#include <poll.h>

#include "images/host.h"
#include "tests/trace/fake_sys.h"
#include "tests/unit/test.h"

using namespace prologue;
using prologue::fake::FakeSys;
using std::chrono::seconds;

namespace {

struct Lines final : Log {
    std::string text;
    void write(LogLevel, Text line) override { text += line.str() + "\n"; }
};

class Machine {
  public:
    Machine() {
        char name[] = "/tmp/prologue-watchdog-XXXXXX";
        folder_ = mkdtemp(name);
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine() { (void)std::system(("rm -rf " + folder_).c_str()); }

    FakeSys sys;
    Lines log;
    Watchdog watchdog{sys, log};

    void start(bool keep = true) { watchdog.start({seconds(60), keep}, folder_); }
    void plug_in() const { CHECK(images::write_output(folder_ + "/watchdog", "", 0600)); }
    [[nodiscard]] std::string written() const {
        return images::read_file(folder_ + "/watchdog").value_or("none");
    }
    // One turn of PID 1's loop, at a later time.
    void turn(Instant later) {
        sys.skip_to(sys.now() + later);
        std::vector<pollfd> entries;
        watchdog.add_poll_entries(entries);
        (void)poll(entries.data(), entries.size(), 0);
        watchdog.react(entries);
    }
    [[nodiscard]] bool says(std::string_view text) const {
        return log.text.find(text) != std::string::npos;
    }

  private:
    std::string folder_;
};

std::string fed(std::size_t times) {
    return std::string(times, '\0');
}

}  // namespace

TEST_CASE("watchdog: opened and fed at once where it is there already") {
    Machine machine;
    machine.plug_in();
    machine.start();
    CHECK(machine.watchdog.is_open());
    CHECK(machine.written() == fed(1));
    CHECK(machine.says("watchdog "));
}

TEST_CASE("watchdog: opened when it appears, without a look in between") {
    Machine machine;
    machine.start();
    machine.turn(seconds(1));
    CHECK(!machine.watchdog.is_open());
    CHECK(machine.watchdog.wants_turn_at() == kNever);
    machine.plug_in();
    machine.turn(seconds(1));
    CHECK(machine.watchdog.is_open());
    std::vector<pollfd> entries;
    machine.watchdog.add_poll_entries(entries);
    CHECK(entries.empty());
}

TEST_CASE("watchdog: fed four times within its time") {
    Machine machine;
    machine.plug_in();
    machine.start();
    machine.turn(seconds(14));
    CHECK(machine.written() == fed(1));
    machine.turn(seconds(2));
    CHECK(machine.written() == fed(2));
    CHECK(machine.watchdog.wants_turn_at() > machine.sys.now() + seconds(14));
    CHECK(machine.watchdog.wants_turn_at() < machine.sys.now() + seconds(16));
}

TEST_CASE("watchdog: a child that is past its deadline and was not ended is not fed for") {
    Machine machine;
    machine.plug_in();
    machine.start();
    machine.watchdog.on_begin(machine.sys.now() + seconds(20));
    machine.turn(seconds(16));
    CHECK(machine.written() == fed(2));
    machine.turn(seconds(16));
    CHECK(machine.written() == fed(2));
    CHECK(machine.watchdog.wants_turn_at() == kNever);
    // Its end came after all, and PID 1 goes on.
    machine.watchdog.on_child_over();
    machine.turn(seconds(0));
    CHECK(machine.written() == fed(3));
}

TEST_CASE("watchdog: without a bound, and while a person is waited for, it is fed for ever") {
    Machine machine;
    machine.plug_in();
    machine.start();
    machine.watchdog.on_begin(kNever);
    for (int i = 0; i < 100; ++i) machine.turn(seconds(16));
    CHECK(machine.written() == fed(101));
    machine.watchdog.on_child_over();
    for (int i = 0; i < 100; ++i) machine.turn(seconds(16));
    CHECK(machine.written() == fed(201));
}

TEST_CASE("watchdog: handover=keep never says the magic word") {
    Machine machine;
    machine.plug_in();
    machine.start();
    machine.watchdog.hand_over();
    CHECK(machine.watchdog.is_open());
    CHECK(machine.written() == fed(2));
}

TEST_CASE("watchdog: handover=stop says it, and takes it back when the init does not come") {
    Machine machine;
    machine.plug_in();
    machine.start(false);
    machine.watchdog.hand_over();
    CHECK(!machine.watchdog.is_open());
    CHECK(machine.written() == fed(2) + "V");
    machine.watchdog.take_back();
    CHECK(machine.watchdog.is_open());
}

TEST_CASE("watchdog: none at all is said at the hand-over, and nothing without the setting") {
    Machine machine;
    machine.watchdog.hand_over();
    machine.watchdog.take_back();
    CHECK(machine.log.text == "");
    machine.start();
    machine.watchdog.hand_over();
    CHECK(machine.says("/watchdog has appeared: nothing watches this boot"));
}
