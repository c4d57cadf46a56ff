// SPDX-License-Identifier: MIT
// The descriptors of all boards, for the tables in boards.cc and drivers.cc and for the tests.
#pragma once

#include "board/board.h"
#include "board/drivers.h"

namespace prologue {

extern const Board kQemuBoard, kPcBoard, kGenericBoard;
extern const BoardDrivers kQemuDrivers, kPcDrivers;

// The first line of a sysfs file; empty when it cannot be read.
std::string read_board_line(Sys& sys, Literal path);

}  // namespace prologue
