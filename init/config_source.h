// SPDX-License-Identifier: MIT
// Where the config of this boot comes from. In order: prologue.config=PATH of the command line, what
// the machine hands over (fw_cfg), /etc/prologue.conf. In a locked image only the last one.
#pragma once

#include "board/board.h"
#include "config/source.h"
#include "init/supervisor.h"

namespace prologue {

struct ConfigSearch {
    Sys& sys;
    Supervisor& supervisor;
    const config::CommandLine& command_line;
    const Board& board;
    bool locked = false;
};

Result<config::Source> find_config(const ConfigSearch& search);

}  // namespace prologue
