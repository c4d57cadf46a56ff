// SPDX-License-Identifier: MIT
// The process that keeps a passphrase, between children that give and take it: real processes and
// sockets.
#include "init/passphrase_keeper.h"

#include <algorithm>
#include <csignal>

#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stages/luks/tools.h"
#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

constexpr pid_t kKeeper = 2;  // PID 1's first child

// For bodies of children, which take no arguments.
PassphraseKeeper* g_keeper = nullptr;
LinuxSys* g_sys = nullptr;

struct Parent : PidOne {
    LinuxSys own;
    PassphraseKeeper keeper{sys, supervisor};
    Parent() {
        g_keeper = &keeper;
        g_sys = &own;
    }
};

void keep(std::string_view text) {
    Result<Secret> secret = Secret::with_room(text.size());
    EXPECT(secret.has_value());
    std::copy(text.begin(), text.end(), secret->room().begin());
    secret->resize(text.size());
    make_kept_passphrase(*g_sys, g_keeper->socket())->keep(*secret);
}

// What a child gets; "nothing" when nothing is kept.
std::string get() {
    const std::optional<Secret> secret = make_kept_passphrase(*g_sys, g_keeper->socket())->get();
    if (!secret) return "nothing";
    return {secret->bytes().data(), secret->bytes().size()};
}

std::string text_of(PidOne& one, const std::string& file) {
    const Result<std::string> text = one.sys.read_file("/proc/2/" + file, 65536);
    EXPECT(text.has_value());
    return text.value_or("");
}

std::size_t descriptors_of_keeper() {
    std::size_t count = 0;
    DIR* list = opendir("/proc/2/fd");
    EXPECT(list != nullptr);
    while (list != nullptr && readdir(list) != nullptr) ++count;
    if (list != nullptr) (void)closedir(list);
    return count - 2;  // "." and ".."
}

bool keeper_exists() {
    return kill(kKeeper, 0) == 0;
}

struct Spinner final : SessionTask {
    void run() override { spin(); }
};

// A process that may not be dumped is not shown to one of its own user either. No capability helps, as
// those of a sandbox end at its borders.
bool is_closed_to_others(pid_t pid) {
    char path[64];
    const std::string link = "/proc/" + std::to_string(pid) + "/exe";
    return readlink(link.c_str(), path, sizeof path) < 0;
}

void the_first_passphrase_stays() {
    Parent one;
    one.keeper.begin();
    EXPECT(one.run(get).message == "nothing");
    EXPECT(one.run([] {
                  keep("the first");
                  return std::string();
              })
               .status == 0);
    EXPECT(one.run([] {
                  keep("another");
                  return std::string();
              })
               .status == 0);
    EXPECT(one.run(get).message == "the first");
    EXPECT(one.run(get).message == "the first");
}

void it_is_protected() {
    Parent one;
    one.keeper.begin();
    EXPECT(one.run([] {
                  keep("the first");
                  return get();
              })
               .message == "the first");
    EXPECT(text_of(one, "limits").find("Max core file size        0 ") != std::string::npos);
    EXPECT(is_closed_to_others(kKeeper));
    EXPECT(descriptors_of_keeper() == 4);  // three that lead nowhere, and the socket
}

// Where this fails, the sandbox cannot tell the difference.
void an_ordinary_process_is_open() {
    PidOne one;
    Spinner spinner;
    const Result<pid_t> other = one.supervisor.start("other", spinner);
    EXPECT(other.has_value() && !is_closed_to_others(*other));
    if (other) (void)kill(*other, SIGKILL);
}

void it_ends_whoever_has_the_socket() {
    Spinner spinner;
    Parent one;
    one.keeper.begin();
    EXPECT(one.run([] {
                  keep("the first");
                  return get();
              })
               .message == "the first");
    const Result<pid_t> holder = one.supervisor.start("holder", spinner);
    EXPECT(holder.has_value());
    one.keeper.end();
    EXPECT(!keeper_exists());
    EXPECT(one.keeper.socket() == -1);
    one.keeper.begin();
    EXPECT(one.keeper.socket() == -1);
    EXPECT(one.run(get).message == "nothing");
    (void)kill(*holder, SIGKILL);
}

void an_answer_that_nobody_read_confuses_nobody() {
    Parent one;
    one.keeper.begin();
    const ChildEnd asked = one.run([]() -> std::string {
        EXPECT(send(g_keeper->socket(), "g", 1, 0) == 1);
        pollfd entry{g_keeper->socket(), POLLIN, 0};
        EXPECT(poll(&entry, 1, 10'000) == 1);
        _exit(0);
    });
    EXPECT(asked.status == 0);
    EXPECT(one.run([] {
                  keep("the first");
                  return std::string();
              })
               .status == 0);
    EXPECT(one.run(get).message == "the first");
}

void one_that_has_died_keeps_nothing() {
    Parent one;
    one.keeper.begin();
    EXPECT(one.run([] {
                  keep("the first");
                  return get();
              })
               .message == "the first");
    EXPECT(kill(kKeeper, SIGKILL) == 0);
    EXPECT(one.run(get).message == "nothing");
    one.keeper.end();
}

}  // namespace

TEST_CASE("keeper: the first passphrase stays, for every child that asks") {
    CHECK_IN_SANDBOX(the_first_passphrase_stays);
}
TEST_CASE("keeper: no core, no console, and closed to others") {
    CHECK_IN_SANDBOX(an_ordinary_process_is_open);
    CHECK_IN_SANDBOX(it_is_protected);
}
TEST_CASE("keeper: it ends though another process still has the socket, and for good") {
    CHECK_IN_SANDBOX(it_ends_whoever_has_the_socket);
}
TEST_CASE("keeper: an answer that nobody read confuses nobody") {
    CHECK_IN_SANDBOX(an_answer_that_nobody_read_confuses_nobody);
}
TEST_CASE("keeper: one that was killed keeps nothing, and nobody waits for it") {
    CHECK_IN_SANDBOX(one_that_has_died_keeps_nothing);
}

}  // namespace prologue::ns
