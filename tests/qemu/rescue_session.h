// SPDX-License-Identifier: MIT
// A person at the rescue shell of a boot.
#pragma once

#include <string>
#include <string_view>

#include "tests/qemu/disks.h"
#include "tests/qemu/failure_case.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {

// A line of a config, with the hash of "secret".
inline constexpr char kRescuePassword[] =
    "set rescue "
    "password:$6$prologue$"
    "jGm7rl363zpEAD8XwDleEP87Rh5N5pvggFvjyjJqELEi4LZGgbmpV54rpXUuTnKxhme88iVwklLDr3vomC1T6.\n";

struct RescueSession {
    // Boots, and waits for the first prompt.
    explicit RescueSession(const Machine& machine, Where where = Where::current());
    explicit RescueSession(const Boot& boot, Where where = Where::current())
        : RescueSession(machine_of(boot), where) {}
    // Waits for the next prompt.
    bool prompt(Where where = Where::current());
    // Waits for a line behind what was waited for last.
    bool see(std::string_view pattern, Where where = Where::current());
    // Types a command, and waits for its answer (unless empty) and the next prompt.
    void type(std::string_view command, std::string_view answer, Where where = Where::current());
    // Types the last command, and waits for the machine's end.
    void leave(std::string_view command, End end = End::kPowerOff, Where where = Where::current());
    // The number of the process that is the shell.
    long number_of_shell();

    Vm vm;
    bool good = false;  // every wait so far has had its end
    std::size_t seen = 0;
};

}  // namespace prologue::qemu_tests
