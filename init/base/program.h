// SPDX-License-Identifier: MIT
// Programs: their words as execve(2) wants them, and what wait(2) says of their end.
#pragma once

#include <string>
#include <vector>

#include "init/base/error.h"
#include "init/base/sys.h"

namespace prologue {

// With the null at the end; `words` must outlive it.
std::vector<char*> pointers_to(const std::vector<std::string>& words);

// Executes the program in place of the caller. Returns only when it cannot.
Error execute(const ProgramCall& call);

// "exit status 3", "killed by signal 11", of a program that has ended.
std::string describe_status(int status);

}  // namespace prologue
