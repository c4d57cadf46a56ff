// SPDX-License-Identifier: MIT
// A place where destructive code may run: a forked process that is PID 1 of new user, mount and pid
// namespaces, whose root is a tmpfs of its own. The host's root is detached before the body begins,
// so nothing there can be reached. Where the kernel does not allow this, the test says so and is
// left out.
//
//   /payload        the static program of payload.c
//   /proc           of the new pid namespace
//   /dev/null
#pragma once

#include <string>

namespace prologue::ns {

struct SandboxEnd {
    bool available = false;
    std::string text;  // what the body said; the last line is "done" when it came to its end
    int status = 0;    // of the body's process, as wait(2) gives it
};

// The descriptor on which the body speaks; payload's `look` speaks there too.
inline constexpr int kSpeech = 1;

SandboxEnd run_in_sandbox(void (*body)());

// For bodies: one line of the text. expect() speaks only when the condition does not hold.
void speak(const std::string& line);
void expect(bool holds, const char* condition, int line);

// Small helpers of the bodies; each expects its own success.
void make_dir(const std::string& path);
void make_file(const std::string& path, const std::string& text = "x", unsigned mode = 0755);
void mount_tmpfs(const std::string& path);
bool exists(const std::string& path);  // without following a symlink

}  // namespace prologue::ns

#define EXPECT(condition) ::prologue::ns::expect((condition), #condition, __LINE__)

// Runs a body as a test. Its process must say nothing but "done" and exit with status 0.
#define CHECK_IN_SANDBOX(body)                                                            \
    do {                                                                                  \
        const ::prologue::ns::SandboxEnd sandbox_ = ::prologue::ns::run_in_sandbox(body); \
        if (!sandbox_.available) {                                                        \
            MESSAGE("SKIPPED, no namespaces here: " << sandbox_.text);                    \
            return;                                                                       \
        }                                                                                 \
        CHECK(sandbox_.text == "done\n");                                                 \
        CHECK(sandbox_.status == 0);                                                      \
    } while (false)
