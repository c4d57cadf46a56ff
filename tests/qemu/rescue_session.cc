// SPDX-License-Identifier: MIT
#include "tests/qemu/rescue_session.h"

#include <charconv>

namespace prologue::qemu_tests {
namespace {

constexpr char kPrompt[] = "[rescue] # ";

// "  79     1 S /init": the first such line that is not PID 1's.
long number_in(std::string_view list) {
    while (!list.empty()) {
        const std::string_view line = list.substr(0, list.find('\n'));
        list.remove_prefix(std::min(line.size() + 1, list.size()));
        const std::size_t digits = line.find_first_of("0123456789");
        if (line.find(" S /init") == std::string_view::npos || digits == std::string_view::npos)
            continue;
        long number = 0;
        (void)std::from_chars(line.data() + digits, line.data() + line.size(), number);
        if (number > 1) return number;
    }
    return -1;
}

}  // namespace

RescueSession::RescueSession(const Machine& machine, Where where) : vm(machine) {
    good = true;
    prompt(where);
}

bool RescueSession::prompt(Where where) {
    return see(kPrompt, where);
}

bool RescueSession::see(std::string_view pattern, Where where) {
    while (good && !pattern.empty()) {
        const std::string_view piece = pattern.substr(0, pattern.find('*'));
        pattern.remove_prefix(std::min(piece.size() + 1, pattern.size()));
        good = piece.empty() || vm.wait_for_text(piece, seen, where);
    }
    return good;
}

void RescueSession::type(std::string_view command, std::string_view answer, Where where) {
    if (!good) return;
    vm.send(std::string(command) + "\r");
    see(answer, where);
    prompt(where);
}

void RescueSession::leave(std::string_view command, End end, Where where) {
    if (!good) return;
    vm.send(std::string(command) + (command == "\x04" ? "" : "\r"));
    vm.finish();
    check_end(vm, end, where);
}

long RescueSession::number_of_shell() {
    const std::size_t begin = seen;
    type("ps", "");
    return number_in(std::string_view(vm.serial_log()).substr(begin, seen - begin));
}

}  // namespace prologue::qemu_tests
