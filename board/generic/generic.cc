// SPDX-License-Identifier: MIT
// board/generic: any machine that no other board recognises. An image for it has the drivers of all
// boards.
#include "board/boards.h"

namespace prologue {
namespace {

bool detect_generic(Sys&) {
    return true;
}

}  // namespace

constinit const Board kGenericBoard = {
    "generic", "any machine: nothing is assumed of it", detect_generic, nullptr, nullptr, nullptr};

}  // namespace prologue
