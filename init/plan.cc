// SPDX-License-Identifier: MIT
#include "init/plan.h"

#include <algorithm>

#include "init/base/compose.h"
#include "init/base/path.h"
#include "init/default_config.h"
#include "init/planner.h"
#include "stages/build.h"
#include "stages/stages.h"

namespace prologue {
namespace planning {

void report(const Error& error, const config::Span& span, config::Diagnostics& diagnostics) {
    diagnostics.error(span, error->detail, error->hint);
}

std::string place_of(const config::Span& span) {
    return "line " + std::to_string(config::position_of(span).line);
}

namespace {

constexpr std::string_view kReserved[] = {
#if !PROLOGUE_DECRYPT
    "decrypt",
#endif
    "verity",  "lvm", "raid", "overlay", "loop", "network", "resume", "slot",
};

class Planner : public PlanContext {
  public:
    Planner(const PlanInput& input, Plan& plan) : input_(input), plan_(plan) {}
    void run();

    config::Diagnostics& diagnostics() override { return *reporting_; }
    bool is_yielded(std::string_view name) const override;
    void note_mount(std::string_view directory) override;
    void note_umount(std::string_view directory) override;
    void require_mount(const config::Word& directory) override;
    void note_driver_line() override { drivers_ = true; }
    void note_device_wait(const config::Span& span) override;
    void note_service(std::string_view typed_at) override;
    bool has_service() const override {
        return services_ || suspected_drivers_ || suspected_mounts_;
    }
    bool is_locked() const override { return world_.locked; }

  private:
    void read_config();
    void read_typed(const TypedLine& typed);
    void read_prelude();
    void read_settings(const std::vector<config::Line>& lines, SettingReader& reader);
    void bind_line(const config::Line& line, bool prelude, std::vector<Entry>& entries);
    void bind_unknown(const config::Line& line, Entry& entry);
    void suspect(const config::Line& line);
    void suspect(const Step& step);
    void suspect(const config::Word& word);
    void make_world();
    [[nodiscard]] bool may_be_mounted(const std::string& directory) const;
    void fill_ask(Entry& entry);
    void fill_defaults(Entry& entry);
    void check_endings(const std::vector<Entry>& entries);
    void check_stages();

    const PlanInput& input_;
    Plan& plan_;
    config::Diagnostics scratch_;  // takes what a line with other mistakes would say
    config::Diagnostics* reporting_ = &plan_.diagnostics;
    World world_;
    std::optional<config::Word> break_;
    config::CommandLine restricted_;
    std::vector<config::Line> lines_;
    std::vector<Entry> entries_;
    std::size_t current_ = 0;
    struct Mounted {
        std::string directory;
        const Step* step;
    };
    std::vector<Mounted> mounted_;
    bool drivers_ = false;
    bool services_ = false;
    // What lines that are not understood may have done: nobody is blamed for the lack of that.
    std::vector<std::string> suspected_words_;  // directories among them
    bool suspected_mounts_ = false;             // of any directory
    bool suspected_drivers_ = false;
    bool unreadable_ = false;
};

bool Planner::is_yielded(std::string_view name) const {
    return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(current_),
                       [&](const Entry& entry) { return entry.runs && entry.step.yields == name; });
}

// Whether a path exists depends on the moment: nobody can be blamed for it.
bool depends_on_the_moment(const Step& step) {
    return step.when && step.when->kind == Condition::Kind::kExists;
}

void Planner::note_mount(std::string_view directory) {
    const Step& step = entries_[current_].step;
    const std::string plain = plain_path(directory);
    const auto hidden = std::find_if(mounted_.rbegin(), mounted_.rend(), [&](const Mounted& one) {
        return !step.prelude && path_is_below(one.directory, plain) &&
               !depends_on_the_moment(step) && !depends_on_the_moment(*one.step) &&
               can_both_hold(one.step->when, step.when);
    });
    if (hidden != mounted_.rend()) {
        reporting_->warning(step.line,
                            compose("this mount hides '{}', which {} mounts", hidden->directory,
                                    place_of(hidden->step->line)),
                            hidden->directory == plain ? "one of the two is too many"
                                                       : "mount the upper directory first");
    }
    mounted_.push_back({plain, &step});
}

void Planner::note_service(std::string_view typed_at) {
    services_ = true;
    if (!typed_at.empty()) plan_.typed_terminals.emplace_back(typed_at);
}

// Gone where this line runs in every case in which something was mounted there.
void Planner::note_umount(std::string_view directory) {
    const Step& step = entries_[current_].step;
    const std::string plain = plain_path(directory);
    std::erase_if(mounted_, [&](const Mounted& one) {
        return one.directory == plain && implies(one.step->when, step.when);
    });
}

bool Planner::may_be_mounted(const std::string& directory) const {
    if (suspected_mounts_) return true;
    if (std::find(suspected_words_.begin(), suspected_words_.end(), directory) !=
        suspected_words_.end())
        return true;
    return std::any_of(mounted_.begin(), mounted_.end(), [&](const Mounted& one) {
        return one.directory == directory && depends_on_the_moment(*one.step);
    });
}

void Planner::require_mount(const config::Word& directory) {
    const std::string plain = plain_path(directory.text());
    if (may_be_mounted(plain)) return;
    const Mounted* last = nullptr;
    std::vector<const std::optional<Condition>*> conditions;
    for (const Mounted& one : mounted_) {
        if (one.directory != plain) continue;
        conditions.push_back(&one.step->when);
        last = &one;
    }
    const Step& step = entries_[current_].step;
    if (last == nullptr) {
        reporting_->error(directory.span,
                          compose("no stage before this one mounts '{}'", directory.text()),
                          compose("add a line 'mount WHAT {}'", directory.text()));
    } else if (!always_one(step.when, conditions)) {
        reporting_->error(step.line, compose("'{}' is not mounted in every case", plain),
                          compose("{} mounts it when={}; add a 'mount' line for what is left",
                                  place_of(last->step->line), text_of(*last->step->when)));
    }
}

// Advice for who writes the config: the machine itself shows whether the device comes.
void Planner::note_device_wait(const config::Span& span) {
    if (input_.on_target || drivers_ || suspected_drivers_) return;
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
    if (input_.typed != nullptr) world_.facts = input_.typed->facts;
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

void Planner::suspect(const config::Word& word) {
    if (!word.is_literal()) suspected_mounts_ = true;
    if (word.text().starts_with('/')) suspected_words_.push_back(plain_path(word.text()));
}

void Planner::suspect(const Step& step) {
    // A mount whose directory is wrong could be of any.
    const bool mounts = step.type == &kMountStage;
    if (mounts && !check_value(ValueKind::kPath, mounted_directory(step))) suspected_mounts_ = true;
    for (const Given& one : step.given) suspect(one.word);
    for (const config::Word& word : step.rest) suspect(word);
}

// The keyword, or the one that it is nearest to, says what the line was for.
void Planner::suspect(const config::Line& line) {
    std::vector<std::string_view> keywords;
    for (const StageType* type : stage_table()) keywords.push_back(type->keyword);
    std::string_view meant = line.keyword;
    if (find_stage(meant) == nullptr) meant = config::did_you_mean(meant, keywords);
    if (meant.empty() || config::same_keyword(meant, "modules")) suspected_drivers_ = true;
    if (line.damaged && (meant.empty() || config::same_keyword(meant, "mount")))
        suspected_mounts_ = true;
    for (const config::Token& token : line.tokens)
        if (token.kind == config::Token::Kind::kWord) suspect(token.word);
}

void Planner::bind_unknown(const config::Line& line, Entry& entry) {
    entry.sound = false;
    suspect(line);
    if (line.damaged) return;
    // Its name is taken for granted, so that the lines that use it are not blamed.
    for (std::size_t i = 0; i + 1 < line.tokens.size(); ++i) {
        if (line.tokens[i].kind != config::Token::Kind::kArrow) continue;
        entry.step.yields = line.tokens[i + 1].word.text();
        entry.step.yields_span = line.tokens[i + 1].span;
    }
    if (is_reserved_keyword(line.keyword)) {
        const bool left_out = !kHasDecrypt && config::same_keyword(line.keyword, "decrypt");
        plan_.diagnostics.error(line.keyword_span,
                                config::quoted(line.keyword) + " is not in this build",
                                left_out ? "it was built with PROLOGUE_DECRYPT=OFF, as the preset "
                                           "'lean' is"
                                         : "the keyword is reserved; 'prologue stages' lists what "
                                           "there is");
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
    if (line.damaged) {
        entry.sound = false;
        suspect(line);
    }
    resolve_condition(entry, world_);
}

void Planner::fill_ask(Entry& entry) {
    Step& step = entry.step;
    if (step.type == nullptr || step.type->asks == nullptr || !step.type->asks(step)) return;
    step.ask.emplace();
    step.ask->consoles = plan_.settings.prompt_consoles;
    if (entry.own_timeout) step.ask->bound = step.timeout;
    step.timeout = plan_.settings.timeout;
    // Who types the line has the shell already.
    if (input_.typed != nullptr) return;
    // Whoever fails to give the passphrase must not be given a shell instead (CVE-2016-4484).
    const bool is_open = plan_.settings.rescue == RescuePolicy::kOpen;
    if (!is_open || policy_of(step, plan_.settings) != OnFailure::kRescue) return;
    plan_.diagnostics.error(step.keyword,
                            "without the passphrase this line would lead to an open shell",
                            "say on-failure=poweroff, or guard the shell: 'set rescue "
                            "password:HASH'");
}

void Planner::fill_defaults(Entry& entry) {
    // A shell waits for a person.
    const bool shell = entry.step.type == &kShellStage;
    const Settings& settings = plan_.settings;
    if (!entry.own_timeout) entry.step.timeout = shell ? settings.rescue_timeout : settings.timeout;
    fill_ask(entry);
    if (!world_.locked || !entry.step.on_failure) return;
    entry.step.on_failure =
        locked_policy(*entry.step.on_failure, entry.step.line, world_, plan_.diagnostics);
}

void Planner::read_config() {
    lines_ = config::parse_lines(*input_.config, plan_.diagnostics);
    const bool readable = !plan_.diagnostics.has_errors();
    // Errors beyond those of single lines: whole lines may be lost, whatever they did.
    const auto damaged = static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(), [](const config::Line& line) { return line.damaged; }));
    unreadable_ = !readable;
    suspected_mounts_ = suspected_drivers_ = plan_.diagnostics.error_count() > damaged;
    SettingReader reader(plan_.settings, plan_.diagnostics);
    read_settings(lines_, reader);
    make_world();
    break_ = apply_command_line(world_, plan_);
    if (is_default_config(*input_.config) && plan_.command_line_source != nullptr)
        check_foreign_words(*world_.built_in_words, *plan_.command_line_source, plan_.diagnostics);
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

void Planner::read_typed(const TypedLine& typed) {
    plan_.settings = *typed.settings;
    lines_ = config::parse_lines(*input_.config, plan_.diagnostics);
    make_world();
    for (const config::Line& line : lines_) {
        if (line.keyword == "set") {
            plan_.diagnostics.error(line.keyword_span, "'set' stands in a config only");
        }
        bind_line(line, false, entries_);
    }
    suspected_mounts_ = suspected_drivers_ = true;  // what was done before this line
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
            plan_.diagnostics.error(entry.step.line,
                                    compose("this line is never reached: {} ends the file",
                                            place_of(ending->step.line)),
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
    plan_.diagnostics.error(
        span, "the file does not say how it ends",
        "the last line is 'switch_root DIR', 'supervise', 'reboot', 'poweroff' or "
        "'halt'");
}

void Planner::check_stages() {
    for (current_ = 0; current_ < entries_.size(); ++current_) {
        const Entry& entry = entries_[current_];
        if (!entry.runs || entry.step.type == nullptr || entry.step.type->plan == nullptr) continue;
        reporting_ = entry.sound ? &plan_.diagnostics : &scratch_;
        const std::size_t errors = plan_.diagnostics.error_count();
        entry.step.type->plan(entry.step, *this);
        // What a line with a mistake would have mounted is among its words.
        if (!entry.sound || plan_.diagnostics.error_count() != errors) suspect(entry.step);
    }
    reporting_ = &plan_.diagnostics;
}

void Planner::run() {
    if (input_.typed != nullptr) {
        read_typed(*input_.typed);
    } else {
        read_config();
        check_endings(entries_);
        read_prelude();
    }
    for (Entry& entry : entries_) fill_defaults(entry);
    check_stages();
    check_keys_before_shells(entries_, plan_.diagnostics);
    NameChecker(entries_, world_, plan_.diagnostics).check_all();
    for (Entry& entry : entries_) {
        if (entry.runs && entry.step.type != nullptr) plan_.steps.push_back(std::move(entry.step));
    }
    if (break_) place_break(*break_, plan_);
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
    plan.command_line = input.command_line;
    planning::Planner(input, plan).run();
    return plan;
}

}  // namespace prologue
