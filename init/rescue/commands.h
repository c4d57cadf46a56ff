// SPDX-License-Identifier: MIT
// The commands of the rescue shell that are no stage lines. The table is the only place where their
// names are written: the shell, `help`, completion and prologue(8) read it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/literal.h"
#include "init/base/sys.h"

namespace prologue::rescue {

// What a command of the shell's own sees of the machine. Its output is written as it comes.
class CommandContext {
  public:
    explicit CommandContext(Sys& machine) : sys(machine) {}
    virtual ~CommandContext() = default;
    virtual void write(std::string_view text) = 0;
    void fail(const Error& error) { write("error: " + describe(error) + "\n"); }

    Sys& sys;
};

using Words = std::vector<std::string>;  // the command's own name first

struct Command {
    enum class Kind : std::uint8_t {
        kFile,   // run() in a process of its own, which Ctrl-C ends
        kShell,  // the shell itself
        kPid1,   // asked of PID 1
        kStage,  // becomes a stage line
    };
    Literal name;
    Literal words;    // "[-l] [PATH ...]"
    Literal summary;  // one line, lower case, no full stop
    Kind kind = Kind::kFile;
    std::size_t least = 0, most = 0;  // how many words may follow the name
    int (*run)(const Words& words, CommandContext& context) = nullptr;
};

inline constexpr std::size_t kAnyNumber = 1000;

std::span<const Command> command_table();
// Null when there is none of this name.
const Command* find_command(std::string_view name);
// The names of all commands and stages.
std::vector<std::string_view> all_names();
// The text of `help`, or of `help NAME`; empty for a name that nothing has.
std::string help();
std::string help_on(std::string_view name);

// kFile
int run_ls(const Words& words, CommandContext& context);
int run_cat(const Words& words, CommandContext& context);
int run_cp(const Words& words, CommandContext& context);
int run_mkdir(const Words& words, CommandContext& context);
int run_echo(const Words& words, CommandContext& context);
int run_ps(const Words& words, CommandContext& context);
int run_kill(const Words& words, CommandContext& context);
int run_sync(const Words& words, CommandContext& context);
int run_dmesg(const Words& words, CommandContext& context);
int run_lsmod(const Words& words, CommandContext& context);
int run_blkid(const Words& words, CommandContext& context);
int run_list_mounts(const Words& words, CommandContext& context);

// `mount` and `umount` as people type them, `modprobe NAME`: the stage line that means the same. An
// error says what there is no stage line for.
Result<std::string> stage_line_of(const Words& words);

}  // namespace prologue::rescue
