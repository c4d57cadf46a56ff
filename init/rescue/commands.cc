// SPDX-License-Identifier: MIT
#include "init/rescue/commands.h"

#include "init/base/compose.h"
#include "stages/stage.h"

namespace prologue::rescue {
namespace {

using Kind = Command::Kind;

constexpr Command kTable[] = {
    {"help", "[NAME]", "list the commands, or say what one does", Kind::kShell, 0, 1},
    {"status", "", "the lines of the config: state, time, error", Kind::kPid1, 0, 0},
    {"why", "", "show the failure again", Kind::kPid1, 0, 0},
    {"retry", "", "read the config again and go on with the line that failed", Kind::kPid1, 0, 0},
    {"skip", "", "go on behind the line that failed", Kind::kPid1, 0, 0},
    {"continue", "", "leave the shell and go on; after a failure with the last line", Kind::kPid1,
     0, 0},
    {"exit", "", "the same, as Ctrl-D", Kind::kPid1, 0, 0},
    {"reboot", "[-f]", "restart the machine; -f at once, nothing is written out", Kind::kPid1, 0,
     1},
    {"poweroff", "[-f]", "switch the machine off", Kind::kPid1, 0, 1},
    {"mount", "[-o OPTIONS] [-t TYPE] [WHAT DIR]", "mount a filesystem, or list what is mounted",
     Kind::kStage, 0, kAnyNumber, run_list_mounts},
    {"umount", "DIR", "unmount a filesystem", Kind::kStage, 1, kAnyNumber},
    {"modprobe", "NAME [KEY=VALUE ...]", "load a module and what it depends on", Kind::kStage, 1,
     kAnyNumber},
    {"blkid", "[DEVICE ...]", "what is on the disks", Kind::kFile, 0, kAnyNumber, run_blkid},
    {"ls", "[-l] [PATH ...]", "list a directory", Kind::kFile, 0, kAnyNumber, run_ls},
    {"cat", "FILE ...", "show files", Kind::kFile, 1, kAnyNumber, run_cat},
    {"cp", "FROM TO", "copy a file", Kind::kFile, 2, 2, run_cp},
    {"mkdir", "[-p] DIR ...", "make directories", Kind::kFile, 1, kAnyNumber, run_mkdir},
    {"echo", "[WORD ...]", "show the words", Kind::kFile, 0, kAnyNumber, run_echo},
    {"dmesg", "[COUNT]", "the kernel's messages, the last COUNT of them", Kind::kFile, 0, 1,
     run_dmesg},
    {"lsmod", "", "the modules that are loaded", Kind::kFile, 0, 0, run_lsmod},
    {"ps", "", "the processes, without the kernel's own", Kind::kFile, 0, 0, run_ps},
    {"kill", "[-SIGNAL] PID ...", "send a signal, TERM unless another is named", Kind::kFile, 1,
     kAnyNumber, run_kill},
    {"sync", "", "write out all filesystems", Kind::kFile, 0, 0, run_sync},
    {"sh", "", "another shell, when the image has one", Kind::kShell, 0, 0},
    {"fg", "", "go on with the program that Ctrl-Z has stopped", Kind::kShell, 0, 0},
};

std::string row(std::string_view form, std::string_view summary) {
    constexpr std::size_t kColumn = 26;
    std::string text = "  " + std::string(form);
    text += form.size() + 3 > kColumn ? std::string("\n") + std::string(kColumn, ' ')
                                      : std::string(kColumn - form.size() - 2, ' ');
    return compose("{}{}\n", text, std::string(summary));
}

std::string form_of(const Command& command) {
    return command.words.empty() ? command.name.str()
                                 : compose("{} {}", command.name.str(), command.words.str());
}

std::string word_form(const OptionSpec& option) {
    std::string name = option.name.str();
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return option.need == Need::kOptionalPositional ? compose("[{}]", name)
           : option.need == Need::kRest             ? name + " ..."
                                                    : name;
}

std::string form_of(const StageType& stage) {
    std::string form = stage.keyword.str();
    for (const OptionSpec& option : stage.options) {
        if (option.need != Need::kOption) form += " " + word_form(option);
    }
    return stage.yields ? form + " -> NAME" : form;
}

}  // namespace

std::span<const Command> command_table() {
    return kTable;
}

const Command* find_command(std::string_view name) {
    for (const Command& command : kTable) {
        if (command.name == name) return &command;
    }
    return nullptr;
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> names;
    for (const Command& command : kTable) names.push_back(command.name);
    for (const StageType* stage : stage_table()) {
        if (find_command(stage->keyword) == nullptr) names.push_back(stage->keyword);
    }
    return names;
}

std::string help() {
    std::string text = "Commands:\n";
    for (const Command& command : kTable) text += row(form_of(command), command.summary);
    text += "Lines of the config, run at once ('help NAME' has their options):\n";
    for (const StageType* stage : stage_table()) text += row(form_of(*stage), stage->summary);
    return text;
}

std::string help_on(std::string_view name) {
    std::string text;
    if (const Command* command = find_command(name))
        text += row(form_of(*command), command->summary);
    const StageType* stage = find_stage(name);
    if (stage == nullptr) return text;
    text += row(form_of(*stage), stage->summary);
    for (const OptionSpec& option : stage->options) {
        text +=
            row("  " + (option.need == Need::kOption ? option.name.str() + "=" : word_form(option)),
                option.help);
    }
    for (const OptionSpec& option : common_options())
        text += row(compose("  {}=", option.name.str()), option.help);
    return text;
}

}  // namespace prologue::rescue
