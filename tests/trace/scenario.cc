// SPDX-License-Identifier: MIT
#include "tests/trace/scenario.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "board/board.h"
#include "init/base/split.h"
#include "init/failure.h"
#include "init/hand_over.h"
#include "init/prelude.h"
#include "init/rescue/session.h"

namespace prologue::fake {
namespace {

// The virtual machine that runs the tests must not decide what the board of the fake one is.
constexpr Literal kBoardName = "generic";

struct Setting {
    std::string key, value;
};

std::vector<Setting> settings_of(const std::string& conf) {
    std::vector<Setting> settings;
    for (std::size_t at = 0; conf.compare(at, 2, "# ") == 0;) {
        const std::size_t end = std::min(conf.find('\n', at), conf.size());
        const std::string line = conf.substr(at + 2, end - at - 2);
        const std::size_t equals = std::min(line.find('='), line.size());
        if (line.find(' ') < equals) break;  // prose, no setting
        settings.push_back(
            {line.substr(0, equals), line.substr(std::min(equals + 1, line.size()))});
        at = end + 1;
    }
    return settings;
}

int errno_of(const std::string& name) {
    const std::pair<const char*, int> known[] = {
        {"ENODEV", ENODEV}, {"EIO", EIO},       {"EBUSY", EBUSY},   {"EINVAL", EINVAL},
        {"ENOENT", ENOENT}, {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"EROFS", EROFS},
    };
    for (const auto& [text, number] : known) {
        if (name == text) return number;
    }
    return EIO;
}

// "3rd mount ENODEV"
Fault parse_fault(const std::string& text) {
    Fault fault;
    char* rest = nullptr;
    fault.nth = static_cast<unsigned>(std::strtoul(text.c_str(), &rest, 10));
    const std::size_t kind = text.find(' ') + 1;
    const std::size_t end = text.find(' ', kind);
    fault.op = text.substr(kind, end - kind);
    fault.errnum = errno_of(text.substr(end + 1));
    return fault;
}

// What the config says about the machine it boots on.
struct World {
    std::string cmdline;
    bool locked = false;
};

// "disk-file=vda /etc/crypttab TEXT": a file on a disk of the table.
void add_to_disk(Machine& machine, std::string_view value) {
    const std::string path = "/dev/" + std::string(take_part(value, ' '));
    const std::string file(take_part(value, ' '));
    for (Disk& disk : machine.disks) {
        if (disk.device.path == path) disk.filesystem->add_file(file, std::string(value) + "\n");
    }
}

// "type=vdf swsuspend": what is on a disk of the table.
void set_type(Machine& machine, const std::string& name, const std::string& type) {
    for (Disk& disk : machine.disks) {
        if (disk.device.path == "/dev/" + name) disk.device.fstype = type;
    }
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) words.emplace_back(take_part(text, ' '));
    return words;
}

World apply_settings(const std::vector<Setting>& settings, Machine& machine) {
    World world;
    Filesystem& root = machine.sys.root();
    for (const auto& [key, value] : settings) {
        const std::size_t blank = std::min(value.find(' '), value.size());
        if (key == "cmdline") world.cmdline = value;
        if (key == "locked") world.locked = true;
        if (key == "typed") machine.typed = split_words(value);
        if (key == "key") machine.keys["/dev/" + value.substr(0, blank)] = value.substr(blank + 1);
        if (key == "root") root.type = value;
        if (key == "dir") root.add_dir(value);
        if (key == "file")
            root.add_file(value.substr(0, blank), value.substr(std::min(blank + 1, value.size())));
        if (key == "disk-file") add_to_disk(machine, value);
        if (key == "type") set_type(machine, value.substr(0, blank), value.substr(blank + 1));
        if (key == "fail") machine.sys.set_fault(parse_fault(value));
    }
    return world;
}

std::vector<std::string> targets(const FakeSys& sys) {
    std::vector<std::string> list;
    for (const Mounted& mounted : sys.mounts()) list.push_back(mounted.target);
    std::sort(list.begin(), list.end());
    return list;
}

class FakeBoot {
  public:
    explicit FakeBoot(const Scenario& scenario) : scenario_(scenario) { fill_machine(machine_); }
    BootResult run(std::size_t failing_call);

  private:
    void run_plan();
    void hand_over();
    void fail_with(const Failure& failure);
    void say_lines(const std::string& text);

    const Scenario& scenario_;
    Machine machine_;
    World world_;
    TraceLog log_{machine_.sys};
    config::Source prelude_, config_;
    config::Values values_;
    Plan plan_;
    PlanEnd end_;
    BootResult result_;
};

void FakeBoot::say_lines(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        machine_.sys.say("| " + text.substr(at, end - at));
        at = end == std::string::npos ? text.size() : end + 1;
    }
    result_.complained = true;
}

void FakeBoot::fail_with(const Failure& failure) {
    say_lines(format_failure(failure, {}));
    PolicyInput input;
    input.settings = &plan_.settings;
    input.policy = failure.step != nullptr ? policy_of(*failure.step, plan_.settings)
                                           : plan_.settings.on_failure;
    say_lines(input.policy == OnFailure::kRescue
                  ? rescue::announce_shell(plan_.settings, rescue::Entry::kFailure)
                  : announce(input));
}

// What init/hand_over.cc does before it leaves the old root; the rest of it is no call of the seam.
void FakeBoot::hand_over() {
    result_.targets_before = targets(machine_.sys);
    const Result<std::vector<std::string>> moved =
        read_mounts(machine_.sys).and_then([this](const std::vector<MountEntry>& mounts) {
            return move_mounts(mounts, end_.hand_over.new_root, machine_.sys, log_);
        });
    result_.targets_after = targets(machine_.sys);
    result_.handed_over = moved.has_value();
    if (!moved) fail_with({&plan_.steps.back(), moved.error()});
    if (moved) machine_.sys.say("hand over to " + end_.hand_over.init_path);
}

void FakeBoot::run_plan() {
    char name[] = "/init";
    char word[] = "splash";
    char home[] = "HOME=/";
    char* const argv[] = {name, word, nullptr};
    char* const envp[] = {home, nullptr};
    FakeRunner runner(machine_, argv, envp);
    Executor executor(machine_.sys, runner, log_, values_);
    end_ = executor.run(plan_);
    result_.ending = end_.ending;
    if (end_.failure) fail_with(*end_.failure);
    if (end_.pause != Pause::kNone) {
        say_lines(rescue::announce_shell(plan_.settings, end_.pause == Pause::kBreak
                                                             ? rescue::Entry::kBreak
                                                             : rescue::Entry::kLine));
    }
    if (end_.ending == Ending::kReboot) machine_.sys.say("reboot");
    if (end_.ending == Ending::kPowerOff) machine_.sys.say("power off");
    if (end_.ending == Ending::kHalt) machine_.sys.say("halt");
    if (end_.ending == Ending::kSupervise) machine_.sys.say("supervise");
    if (end_.ending == Ending::kSwitchRoot) hand_over();
}

BootResult FakeBoot::run(std::size_t failing_call) {
    machine_.has_everything = scenario_.has_everything;
    world_ = apply_settings(settings_of(scenario_.conf), machine_);
    if (failing_call != 0) machine_.sys.set_fault({failing_call, "", 0, EIO});
    prelude_ = prologue::prelude_source();
    config_ = {scenario_.name, scenario_.conf};
    const Result<> mounted = mount_early_prelude(prelude_, machine_.sys);
    if (!mounted) log_.write(LogLevel::kError, describe(mounted.error()));
    values_.command_line = config::CommandLine::parse(world_.cmdline);
    const Board& board = *find_board(kBoardName);
    values_.board = read_board_values(board, machine_.sys);
    PlanInput input;
    input.config = &config_;
    input.prelude = &prelude_;
    input.command_line = &values_.command_line;
    input.board = board.name.str();
    input.locked = world_.locked;
    input.on_target = true;
    plan_ = make_plan(input);
    values_.built_in_words = world_.locked
                                 ? values_.command_line.restricted_to(plan_.settings.cmdline_allow)
                                 : values_.command_line;
    result_.config_is_good = plan_.ok();
    for (const config::Diagnostic& one : plan_.diagnostics.sorted()) {
        if (one.severity == config::Severity::kError) say_lines(config::render(one));
    }
    if (plan_.ok()) run_plan();
    result_.calls = machine_.sys.calls();
    result_.faulted_call = machine_.sys.faulted_call();
    result_.complained = result_.complained || log_.complaints() != 0;
    for (const std::string& line : machine_.sys.trace()) {
        result_.trace += line + "\n";
        if (!line.starts_with(' ') && !line.starts_with('|')) result_.acts.push_back(line);
    }
    return std::move(result_);
}

}  // namespace

BootResult run_boot(const Scenario& scenario, std::size_t failing_call) {
    return FakeBoot(scenario).run(failing_call);
}

}  // namespace prologue::fake
