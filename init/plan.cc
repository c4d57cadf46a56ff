// SPDX-License-Identifier: MIT
#include "init/plan.h"

#include <algorithm>

#include "init/base/path.h"
#include "init/planner.h"

namespace prologue {
namespace planning {

void report(const Error& error, const config::Span& span, config::Diagnostics& diagnostics) {
    diagnostics.error(span, error.detail, error.hint);
}

std::string place_of(const config::Span& span) {
    return "line " + std::to_string(config::position_of(span).line);
}

namespace {

constexpr std::string_view kReserved[] = {
    "decrypt", "service", "supervise", "shell",   "verity", "lvm",
    "raid",    "overlay", "loop",      "network", "resume", "slot",
};

class Planner : public PlanContext {
  public:
    Planner(const PlanInput& input, Plan& plan) : input_(input), plan_(plan) {}
    void run();

    config::Diagnostics& diagnostics() override { return *reporting_; }
    bool is_yielded(std::string_view name) const override;
    void note_mount(std::string_view directory) override;
    bool is_mounted(std::string_view directory) const override;
    void note_driver_line() override { drivers_ = true; }
    void note_device_wait(const config::Span& span) override;

  private:
    void read_config();
    void read_prelude();
    void read_settings(const std::vector<config::Line>& lines, SettingReader& reader);
    void bind_line(const config::Line& line, bool prelude, std::vector<Entry>& entries);
    void bind_unknown(const config::Line& line, Entry& entry);
    void make_world();
    void fill_defaults(Entry& entry);
    void check_endings(const std::vector<Entry>& entries);
    void check_stages();

    const PlanInput& input_;
    Plan& plan_;
    config::Diagnostics scratch_;  // takes what a line with other mistakes would say
    config::Diagnostics* reporting_ = &plan_.diagnostics;
    World world_;
    config::CommandLine restricted_;
    std::vector<config::Line> lines_;
    std::vector<Entry> entries_;
    std::size_t current_ = 0;
    std::vector<std::string> mounted_;
    bool drivers_ = false;
    bool unknown_lines_ = false;  // a line before this one may have done what is looked for
    bool unreadable_ = false;
};

bool Planner::is_yielded(std::string_view name) const {
    return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(current_),
                       [&](const Entry& entry) { return entry.runs && entry.step.yields == name; });
}

void Planner::note_mount(std::string_view directory) {
    mounted_.push_back(plain_path(directory));
}

bool Planner::is_mounted(std::string_view directory) const {
    return unknown_lines_ ||
           std::find(mounted_.begin(), mounted_.end(), plain_path(directory)) != mounted_.end();
}

void Planner::note_device_wait(const config::Span& span) {
    if (drivers_ || unknown_lines_) return;
    drivers_ = true;  // said once
    reporting_->warning(span, "no line before this one loads a driver",
                        "unless the kernel has it built in, add a 'modules' line for the disk");
}

// The settings stand in front, because they hold for all lines; one that comes later is read as
// well, so that its own mistakes are told in the same run.
void Planner::read_settings(const std::vector<config::Line>& lines, SettingReader& reader) {
    bool stages_began = false;
    for (const config::Line& line : lines) {
        if (line.keyword != "set") {
            stages_began = true;
            continue;
        }
        if (stages_began) {
            plan_.diagnostics.error(line.keyword_span, "'set' stands behind the first stage",
                                    "move the line to the top of the file");
        }
        if (!line.damaged) reader.read(line);
    }
}

void Planner::make_world() {
    Settings& settings = plan_.settings;
    world_.locked = input_.locked || settings.rescue == RescuePolicy::kLocked;
    if (world_.locked) settings.rescue = RescuePolicy::kLocked;
    world_.on_target = input_.on_target;
    world_.command_line = world_.built_in_words = input_.command_line;
    if (world_.locked && input_.command_line != nullptr) {
        restricted_ = input_.command_line->restricted_to(settings.cmdline_allow);
        world_.built_in_words = &restricted_;
    }
    if (!settings.board.empty()) {
        world_.board = settings.board;
    } else if (input_.board) {
        world_.board = *input_.board;
    }
}

void Planner::bind_unknown(const config::Line& line, Entry& entry) {
    entry.sound = false;
    unknown_lines_ = true;
    if (line.damaged) return;
    // Its name is taken for granted, so that the lines that use it are not blamed.
    for (std::size_t i = 0; i + 1 < line.tokens.size(); ++i) {
        if (line.tokens[i].kind != config::Token::Kind::kArrow) continue;
        entry.step.yields = line.tokens[i + 1].word.text();
        entry.step.yields_span = line.tokens[i + 1].span;
    }
    if (is_reserved_keyword(line.keyword)) {
        plan_.diagnostics.error(line.keyword_span,
                                config::quoted(line.keyword) + " is not in this build",
                                "the keyword is reserved; 'prologue stages' lists what there is");
        return;
    }
    std::vector<std::string_view> keywords = {"set"};
    for (const StageType* type : stage_table()) keywords.push_back(type->keyword);
    keywords.insert(keywords.end(), std::begin(kReserved), std::end(kReserved));
    std::string hint = config::did_you_mean_hint(line.keyword, keywords);
    if (hint.empty()) hint = "'prologue stages' lists the keywords";
    plan_.diagnostics.error(line.keyword_span, "unknown stage " + config::quoted(line.keyword),
                            std::move(hint));
}

void Planner::bind_line(const config::Line& line, bool prelude, std::vector<Entry>& entries) {
    if (line.keyword == "set") return;
    Entry& entry = entries.emplace_back();
    entry.step.line = line.span;
    entry.step.keyword = line.keyword_span;
    entry.step.prelude = prelude;
    entry.step.type = find_stage(line.keyword);
    if (entry.step.type == nullptr) {
        bind_unknown(line, entry);
        return;
    }
    // A line whose text has a mistake says nothing more: the rest would follow from the mistake.
    bind_step(line, entry, line.damaged ? scratch_ : plan_.diagnostics);
    if (line.damaged) entry.sound = false;
    resolve_condition(entry, world_);
}

void Planner::fill_defaults(Entry& entry) {
    if (!entry.own_timeout) entry.step.timeout = plan_.settings.timeout;
    if (!world_.locked || !entry.step.on_failure) return;
    entry.step.on_failure =
        locked_policy(*entry.step.on_failure, entry.step.line, world_, plan_.diagnostics);
}

void Planner::read_config() {
    lines_ = config::parse_lines(*input_.config, plan_.diagnostics);
    const bool readable = !plan_.diagnostics.has_errors();
    unknown_lines_ = unreadable_ = !readable;
    SettingReader reader(plan_.settings, plan_.diagnostics);
    read_settings(lines_, reader);
    make_world();
    apply_command_line(world_, plan_);
    if (world_.locked) {
        const config::Span* place = reader.place_of_setting("on-failure");
        OnFailure& policy = plan_.settings.on_failure;
        // The default is rescue, which a locked image reads as reboot without a word.
        if (place == nullptr)
            policy = OnFailure::kReboot;
        else
            policy = locked_policy(policy, *place, world_, plan_.diagnostics);
    }
    for (const config::Line& line : lines_) bind_line(line, false, entries_);
    if (entries_.empty() && readable) {
        plan_.diagnostics.error({input_.config, 0, 0}, "the file has no stages",
                                "the least is two lines: 'mount LABEL=root /newroot' and "
                                "'switch_root /newroot'");
    }
}

void Planner::read_prelude() {
    if (input_.prelude == nullptr) return;
    std::vector<Entry> prelude;
    const std::vector<config::Line> lines = config::parse_lines(*input_.prelude, plan_.diagnostics);
    for (const config::Line& line : lines) bind_line(line, true, prelude);
    const auto replaced = [this](const Entry& one) {
        const std::string directory = mounted_directory(one.step);
        return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            // A line that may still not run replaces nothing.
            return entry.runs && !entry.step.when && !directory.empty() &&
                   mounted_directory(entry.step) == directory;
        });
    };
    prelude.erase(std::remove_if(prelude.begin(), prelude.end(), replaced), prelude.end());
    entries_.insert(entries_.begin(), std::make_move_iterator(prelude.begin()),
                    std::make_move_iterator(prelude.end()));
}

void Planner::check_endings(const std::vector<Entry>& entries) {
    if (unreadable_) return;  // the ending may be in what could not be read
    std::vector<const std::optional<Condition>*> endings;
    const Entry* ending = nullptr;
    const std::optional<Condition> always;
    for (const Entry& entry : entries) {
        if (!entry.runs) continue;
        if (ending != nullptr && always_one(always, endings)) {
            plan_.diagnostics.error(
                entry.step.line,
                "this line is never reached: " + place_of(ending->step.line) + " ends the file",
                "remove it, or move it up");
            return;
        }
        if (entry.step.type == nullptr || entry.step.type->ending == Ending::kNone) continue;
        ending = &entry;
        endings.push_back(&entry.step.when);
    }
    const auto last = std::find_if(entries.rbegin(), entries.rend(),
                                   [](const Entry& entry) { return entry.runs; });
    const bool understood = last == entries.rend() || last->step.type != nullptr;
    if (entries.empty() || !understood || always_one(always, endings)) return;
    const config::Span& span = last == entries.rend() ? entries.back().step.line : last->step.line;
    if (last != entries.rend() && last->step.type->ending != Ending::kNone) {
        plan_.diagnostics.error(span, "nothing follows when this line does not run",
                                "end the file with a line without when=");
        return;
    }
    plan_.diagnostics.error(span, "the file does not say how it ends",
                            "the last line is 'switch_root DIR', 'reboot', 'poweroff' or 'halt'");
}

void Planner::check_stages() {
    for (current_ = 0; current_ < entries_.size(); ++current_) {
        const Entry& entry = entries_[current_];
        if (!entry.runs || entry.step.type == nullptr || entry.step.type->plan == nullptr) continue;
        reporting_ = entry.sound ? &plan_.diagnostics : &scratch_;
        const std::size_t errors = plan_.diagnostics.error_count();
        entry.step.type->plan(entry.step, *this);
        // What a line with a mistake would have mounted is not known.
        if (!entry.sound || plan_.diagnostics.error_count() != errors) unknown_lines_ = true;
    }
    reporting_ = &plan_.diagnostics;
}

void Planner::run() {
    read_config();
    check_endings(entries_);
    read_prelude();
    for (Entry& entry : entries_) fill_defaults(entry);
    check_stages();
    NameChecker(entries_, world_, plan_.diagnostics).check_all();
    for (Entry& entry : entries_) {
        if (entry.runs && entry.step.type != nullptr) plan_.steps.push_back(std::move(entry.step));
    }
}

}  // namespace
}  // namespace planning

bool is_reserved_keyword(std::string_view keyword) {
    if (find_stage(keyword) != nullptr) return false;
    return std::any_of(std::begin(planning::kReserved), std::end(planning::kReserved),
                       [&](std::string_view word) { return config::same_keyword(word, keyword); });
}

Plan make_plan(const PlanInput& input) {
    Plan plan;
    planning::Planner(input, plan).run();
    return plan;
}

}  // namespace prologue
