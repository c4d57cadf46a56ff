// SPDX-License-Identifier: MIT
// A board is what differs between machines, and nothing else: how it is recognised, where a config
// may come from outside the image, how a test run is ended. Its drivers are in board/drivers.h. A
// board cannot change the grammar, the engine or the form of an error.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cmdline.h"
#include "config/values.h"
#include "init/base/error.h"
#include "init/base/literal.h"
#include "init/base/sys.h"
#include "stages/modules.h"

namespace prologue {

struct Board {
    Literal name;     // `board:NAME`, `set board NAME`, `prologue initramfs --for NAME`
    Literal summary;  // one line for the manual

    // True when this machine is one. /sys is mounted. Boards are asked in the order of the table,
    // until one answers.
    bool (*detect)(Sys& sys);
    // A cheap look, in PID 1 itself: whether outside_config() is worth a child. An image without the
    // driver says that no config is to come from outside, and its boot does not pay for the question.
    // Null for boards that know no such way.
    bool (*may_have_config)(Sys& sys);
    // A config handed over by the machine (fw_cfg). nullopt when there is none; runs in a child of
    // PID 1 and never in a locked image. Null for boards that know no such way.
    Result<std::optional<std::string>> (*outside_config)(Sys& sys, ModuleLoader& modules);
    // Ends a test machine with an exit code where one is asked for by the command line; does nothing
    // otherwise. Null for boards without such a device.
    void (*end_test)(const config::CommandLine& command_line, bool success);
};

// All boards; the last one, `generic`, fits every machine.
std::span<const Board* const> board_table();
const Board* find_board(std::string_view name);
// For a name that find_board() does not know: "did you mean 'qemu'?", or all names there are.
std::string hint_for_unknown_board(std::string_view name);
const Board& detect_board(Sys& sys);

// The keys of `${board.KEY}`; any other key is a config error.
std::span<const Literal> board_value_names();
// Their values on this machine, read from /sys/class/dmi/id; a missing one is empty.
std::vector<config::NamedValue> read_board_values(const Board& board, Sys& sys);

}  // namespace prologue
