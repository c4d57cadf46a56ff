// SPDX-License-Identifier: MIT
// What one test case leaves behind, between files.cc, which fills it, and main.cc, which watches the
// test cases end.
#pragma once

#include <string>
#include <vector>

namespace prologue::qemu_tests {

struct CaseFolder {
    struct Log {
        std::string title, text;
    };
    std::string folder;  // empty: not made yet
    std::vector<Log> logs;
};

// Removes the folder, or shows the logs and says where the folder is.
void end_case(bool success);

}  // namespace prologue::qemu_tests
