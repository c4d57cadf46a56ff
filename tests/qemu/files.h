// SPDX-License-Identifier: MIT
// Files and programs of the host, for tests: what goes wrong is a message of the running test case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prologue::qemu_tests {

// An empty text when the file cannot be read; the test case has failed then.
std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view text, unsigned mode = 0644);

void make_folder(const std::string& path);

struct ProgramEnd {
    int status = -1;     // exit status; -1 when it was ended by a signal or never ran
    std::string output;  // standard output and error, in the order in which they were written
};
// Runs a program to its end, in the test case's folder. The first word is its path.
ProgramEnd run_program(const std::vector<std::string>& words);

// The test case's own folder: made when first asked for, removed when the test case succeeds, kept
// and named when it fails.
const std::string& work_folder();

// Shown when the test case fails: "serial log of …", text.
void keep_for_failure(std::string title, std::string text);

}  // namespace prologue::qemu_tests
