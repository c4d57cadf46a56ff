// SPDX-License-Identifier: MIT
// Programs of others that do a part of the work, and files in memory to hand to them: nothing is left
// behind on a disk, whatever happens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/base/error.h"
#include "init/base/fd.h"

namespace prologue::images {

// The absolute path of a program in $PATH; kNotFound, with `hint`, when none is there.
Result<std::string> find_program(std::string_view name, std::string hint);

// For execv(3); valid as long as `command` is.
std::vector<char*> c_arguments(const std::vector<std::string>& command);

// A file without a name, which programs that are started from here inherit.
class MemoryFile {
  public:
    static Result<MemoryFile> create(std::string_view content = {});

    // By which a started program opens it.
    [[nodiscard]] std::string path() const;
    // What is in it now.
    [[nodiscard]] Result<std::string> read() const;

  private:
    explicit MemoryFile(int fd) : file_(fd) {}
    Fd file_;
};

struct ProgramResult {
    int status = 0;      // exit status; 128 and the signal when it was killed
    std::string output;  // of both streams
};

// Runs it to its end without input. The first word is its absolute path.
Result<ProgramResult> run_to_end(const std::vector<std::string>& command);

}  // namespace prologue::images
