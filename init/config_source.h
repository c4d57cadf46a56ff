// SPDX-License-Identifier: MIT
// Where the config of this boot comes from. In order: prologue.config=PATH of the command line, what
// the machine hands over to an initramfs (fw_cfg), /etc/prologue.conf, and without that file what is
// built in: config/default.conf, on a real root config/fallback.conf. In a locked image only
// /etc/prologue.conf; and no word of the command line puts aside one that guards its shell.
#pragma once

#include "board/board.h"
#include "config/source.h"
#include "init/log.h"
#include "init/role.h"
#include "init/supervisor.h"

namespace prologue {

struct ConfigSearch {
    Sys& sys;
    Log& log;
    Supervisor& supervisor;
    const config::CommandLine& command_line;
    const Board& board;
    bool locked = false;
    Role role = Role::kInitramfs;
};

Result<config::Source> find_config(const ConfigSearch& search);

}  // namespace prologue
