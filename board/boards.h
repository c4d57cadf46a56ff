// SPDX-License-Identifier: MIT
// The descriptors of all boards, for the table in boards.cc and for the tests.
#pragma once

#include "board/board.h"

namespace prologue {

extern const Board kQemuBoard, kGenericBoard;

// The first line of a sysfs file; empty when it cannot be read.
std::string read_board_line(Sys& sys, Literal path);

}  // namespace prologue
