// SPDX-License-Identifier: MIT
#include "init/rescue/shell.h"

#include <algorithm>

#include <unistd.h>

#include "init/base/compose.h"
#include "init/executor.h"
#include "init/rescue/commands.h"
#include "init/rescue/completion.h"
#include "init/rescue/editor.h"
#include "init/rescue/jobs.h"
#include "init/rescue/password.h"
#include "init/rescue/shell_line.h"
#include "init/rescue/terminal.h"
#include "init/rescue/words.h"
#include "stages/stages.h"

namespace prologue::rescue {
namespace {

constexpr int kMostDescriptors = 256;
constexpr Duration kWrongPasswordDelay{2'000};
constexpr Literal kOtherShells[] = {"/bin/sh", "/usr/bin/sh", "/sbin/sh"};

// Output of a command goes out in pieces that a slow line takes well.
class ScreenContext final : public CommandContext {
  public:
    explicit ScreenContext(Sys& machine) : CommandContext(machine) {}
    void write(std::string_view text) override {
        buffer_ += text;
        if (buffer_.size() >= 1024) flush();
    }
    void flush() {
        Terminal::write(buffer_);
        buffer_.clear();
    }

  private:
    std::string buffer_;
};

class CommandTask final : public JobTask {
  public:
    CommandTask(const Command& command, const Words& words, Sys& sys)
        : command_(command), words_(words), sys_(sys) {}
    int run() override {
        ScreenContext context(sys_);
        const int status = command_.run(words_, context);
        context.flush();
        return status;
    }

  private:
    const Command& command_;
    const Words& words_;
    Sys& sys_;
};

class Shell {
  public:
    Shell(const ShellSetup& setup, Sys& sys);
    void run();

  private:
    bool log_in();
    bool read_password(TypedPassword& password);
    // These give false when the shell has to end.
    bool take_line(const std::string& text);
    bool ask(std::string_view line);
    bool run_command(const Command& command, const TypedWords& typed, const std::string& text);
    bool run_in_shell(const Words& words);
    bool run_stage_command(const Command& command, const Words& words, const std::string& text);
    bool run_other(const TypedWords& typed, const config::Source& source);
    void run_exec(const config::Source& source);
    void run_sh();
    void run_job(JobTask& task);
    [[nodiscard]] TypedContext context() const { return {*setup_.settings, values_, setup_.board}; }

    const ShellSetup& setup_;
    Sys& sys_;
    config::Values values_;
    Terminal terminal_;
    Jobs jobs_{terminal_};
    ShellLine line_;
    ShellCompleter completer_{sys_, values_};
    LineEditor editor_;
};

Shell::Shell(const ShellSetup& setup, Sys& sys)
    : setup_(setup),
      sys_(sys),
      values_(*setup.values),
      line_(sys, setup.requests),
      editor_(setup.prompt, &completer_) {}

void Shell::run() {
    if (!terminal_.take(setup_.terminal)) return;  // no terminal: PID 1 has the others
    ignore_keys_of_programs();
    terminal_.make_raw();
    editor_.set_columns(Terminal::columns());
    Terminal::write(setup_.greeting);
    bool goes_on = !setup_.password_hash || log_in();
    if (goes_on) editor_.begin();
    char byte = 0;
    bool told = false;
    while (goes_on) {
        Terminal::write(editor_.take_output());
        if (!line_.next_byte(byte)) break;
        if (!std::exchange(told, true)) line_.tell(Request::kUnlocked);
        switch (editor_.take(byte)) {
            case LineEditor::Event::kNone: continue;
            case LineEditor::Event::kLine: goes_on = take_line(editor_.line()); break;
            case LineEditor::Event::kInterrupted: break;
            case LineEditor::Event::kEnd:
                Terminal::write("continue\n");
                goes_on = ask("continue");
                break;
            case LineEditor::Event::kTooLong:
                Terminal::write(compose("error: a line has at most {} characters; it was not run\n",
                                        std::to_string(kMaxTyped)));
                break;
        }
        if (goes_on) editor_.begin();
    }
    terminal_.give_back();
}

bool Shell::log_in() {
    TypedPassword password;
    while (true) {
        Terminal::write("password: ");
        if (!read_password(password)) return false;
        const bool fits = password.fits(*setup_.password_hash);
        password.clear();
        Terminal::write("\n");
        line_.forget_keys();
        if (fits) return true;
        // PID 1 counts, so that a new shell does not begin from nothing.
        line_.tell(Request::kWrong);
        Terminal::write("wrong password\n");
        if (!line_.rest(kWrongPasswordDelay)) return false;
        line_.forget_keys();
    }
}

bool Shell::read_password(TypedPassword& password) {
    char byte = 0;
    while (line_.next_byte(byte)) {
        const TypedPassword::Event event = password.take(byte);
        byte = 0;
        if (event == TypedPassword::Event::kEntered) return true;
        if (event != TypedPassword::Event::kCancelled) continue;
        password.clear();
        Terminal::write("\npassword: ");
    }
    return false;
}

bool Shell::take_line(const std::string& text) {
    Terminal::write(editor_.take_output());
    const config::Source source{kTypedName.str(), text};
    const TypedWords typed = read_words(source, values_);
    Terminal::write(typed.complaints);
    if (typed.words.empty()) return true;
    const Command* command = find_command(typed.words[0]);
    return command != nullptr ? run_command(*command, typed, text) : run_other(typed, source);
}

bool Shell::ask(std::string_view line) {
    terminal_.make_waiting();
    const bool goes_on = line_.ask(line, values_);
    terminal_.make_raw();
    return goes_on;
}

bool Shell::run_command(const Command& command, const TypedWords& typed, const std::string& text) {
    const std::size_t count = typed.words.size() - 1;
    if (count < command.least || count > command.most) {
        Terminal::write(wrong_usage(command, typed));
        return true;
    }
    switch (command.kind) {
        case Command::Kind::kShell: return run_in_shell(typed.words);
        case Command::Kind::kPid1: return ask(text);
        case Command::Kind::kStage: return run_stage_command(command, typed.words, text);
        case Command::Kind::kFile: break;
    }
    CommandTask task(command, typed.words, sys_);
    run_job(task);
    return true;
}

bool Shell::run_in_shell(const Words& words) {
    if (words[0] == "sh") {
        run_sh();
    } else if (words[0] == "fg") {
        line_.tell(Request::kBusy);
        Terminal::write(jobs_.resume());
        line_.tell(Request::kActive);
    } else if (words.size() == 1) {
        Terminal::write(help());
    } else {
        const std::string text = help_on(words[1]);
        Terminal::write(text.empty() ? compose("error: there is no '{}'\n", words[1]) : text);
    }
    return true;
}

bool Shell::run_stage_command(const Command& command, const Words& words, const std::string& text) {
    if (words.size() == 1) {
        CommandTask task(command, words, sys_);
        run_job(task);
        return true;
    }
    const bool has_letters =
        std::any_of(words.begin() + 1, words.end(),
                    [](const std::string& word) { return word.size() > 1 && word[0] == '-'; });
    if (!has_letters && words[0] != "modprobe") return ask(text);
    const Result<std::string> line = stage_line_of(words);
    if (line) return ask(*line);
    const Error& error = line.error();
    Terminal::write(compose("error: {}\n{}", describe(error),
                            error->hint.empty() ? "" : compose("  hint: {}\n", error->hint)));
    return true;
}

bool Shell::run_other(const TypedWords& typed, const config::Source& source) {
    const StageType* stage = find_stage(typed.words[0]);
    if (stage == &kExecStage) {
        run_exec(source);
        return true;
    }
    if (stage != nullptr || is_reserved_keyword(typed.words[0]) || typed.words[0] == "set")
        return ask(source.text);
    Terminal::write(unknown_command(typed));
    return true;
}

// Not in a child of PID 1, as in a boot: a program that is typed gets the terminal, and no deadline.
void Shell::run_exec(const config::Source& source) {
    const Plan plan = plan_typed_line(source, context());
    Terminal::write(render_all(plan.diagnostics));
    if (!plan.ok()) return;
    if (plan.steps.empty()) return Terminal::write("not run: its condition does not hold\n");
    if (const std::optional<std::string> reason = reason_to_skip(plan.steps[0], sys_))
        return Terminal::write(compose("not run: {}\n", *reason));
    const Result<Arguments> arguments = Arguments::expand(plan.steps[0], values_);
    if (!arguments) return Terminal::write(compose("error: {}\n", describe(arguments.error())));
    const ProgramCall call = program_of(*arguments, setup_.envp);
    ProgramTask task(call);
    run_job(task);
}

void Shell::run_sh() {
    for (const Literal path : kOtherShells) {
        if (!sys_.stat(path.str())) continue;
        ProgramCall call;
        call.path = path.str();
        call.argv = {"sh"};
        call.envp = program_environment("", setup_.envp);
        ProgramTask task(call);
        return run_job(task);
    }
    Terminal::write("error: there is no sh here\n");
}

void Shell::run_job(JobTask& task) {
    line_.tell(Request::kBusy);
    Terminal::write(jobs_.run(task));
    line_.tell(Request::kActive);
}

// Other shells' links, consoles and PID 1's own descriptors are not for this one.
void keep_only(int kept) {
    for (int fd = 0; fd < kMostDescriptors; ++fd) {
        if (fd != kept) (void)close(fd);
    }
}

}  // namespace

void run_shell(const ShellSetup& setup, Sys& sys) {
    keep_only(setup.requests);
    Shell(setup, sys).run();
    _exit(0);
}

}  // namespace prologue::rescue
