// SPDX-License-Identifier: MIT
// The kernel's drivers of each board, for the image builder alone: an image carries them, `modules
// auto` loads those whose devices are there. The init never asks for them, so they are not in Board:
// what nothing refers to is left out of prologue-init by the linker.
#pragma once

#include <cstdint>
#include <span>

#include "init/base/literal.h"

namespace prologue {

enum class DriverUse : std::uint8_t {
    kAlways,
    kWatchdog,  // only in an image whose config says `set watchdog`
};

// A named part of a board's drivers. The names are those of modules ('_' for '-'); every one exists
// in some kernel, as a module or built in, which a test asks Debian's. A kernel may lack some.
struct DriverBundle {
    Literal name;  // for the manual, such as "Keyboards"
    std::span<const Literal> modules;
    DriverUse use = DriverUse::kAlways;
};

struct BoardDrivers {
    Literal board;  // its name in board_table()
    std::span<const DriverBundle* const> bundles;
};

// Of all boards that have drivers of their own. `generic` has none: it gets those of all others.
std::span<const BoardDrivers* const> driver_table();

// Bundles that more than one board has.
extern const DriverBundle kVirtioDisks, kWatchdogs;

}  // namespace prologue
