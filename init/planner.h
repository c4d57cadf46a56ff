// SPDX-License-Identifier: MIT
// The inside of make_plan(), in the order in which it works:
//   1. plan_settings.cc  `set` lines; plan_defaults.cc the command-line words that replace them
//   2. plan_bind.cc      a line's words and options against its stage's table; plan_check.cc
//   3. plan_condition.cc when=: resolved where the facts are known, compared where they are not
//   4. plan_names.cc     `${…}` and yielded names
//   5. plan.cc           order, endings, and the stages' own checks
// Every step reports into one Diagnostics and goes on, so that one run tells all mistakes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/plan.h"

namespace prologue::planning {

// One line that names a stage. A line with mistakes stays in the list, so that later lines are not
// blamed for what it would have done.
struct Entry {
    Step step;          // type is null when the keyword is not known
    bool sound = true;  // bound without a mistake
    bool runs = true;   // false: its condition is known not to hold
    bool own_timeout = false;
};

// What the later checks know about the world.
struct World {
    const config::CommandLine* command_line = nullptr;  // null: not known
    // The words that this program itself gives a meaning; in a locked plan only the allowed ones.
    // What the file asks for by `${cmdline.…}` and when= is its author's own wish.
    const config::CommandLine* built_in_words = nullptr;
    std::string_view board;  // empty: not known
    bool locked = false;
    bool on_target = false;
    // Names that are there before the first line; null: none.
    const std::vector<config::NamedValue>* facts = nullptr;
};

// "reboot" and its kin; unset for any other word.
std::optional<OnFailure> parse_policy(std::string_view text);
// An error unless a locked plan allows `policy`; on the target it is replaced.
OnFailure locked_policy(OnFailure policy, const config::Span& span, const World& world,
                        config::Diagnostics& diagnostics);
// Reports an Error of a value at its place.
void report(const Error& error, const config::Span& span, config::Diagnostics& diagnostics);
// "line 7" or "a line of the prelude".
std::string place_of(const config::Span& span);

// A default for all lines, from a `set` line or from the command line.
void read_default_policy(const config::Word& word, Settings& settings,
                         config::Diagnostics& diagnostics);
void read_default_timeout(const config::Word& word, Settings& settings,
                          config::Diagnostics& diagnostics);

// Reads one `set` line.
class SettingReader {
  public:
    SettingReader(Settings& settings, config::Diagnostics& diagnostics)
        : settings_(settings), diagnostics_(diagnostics) {}
    void read(const config::Line& line);
    // Where the key was set; null when it was not.
    [[nodiscard]] const config::Span* place_of_setting(std::string_view key) const;

  private:
    struct Seen {
        std::string_view key;
        config::Span span;
    };
    bool take_words(const config::Line& line, std::vector<config::Word>& words);

    Settings& settings_;
    config::Diagnostics& diagnostics_;
    std::vector<Seen> seen_;
};
// prologue.timeout=, prologue.on-failure=, prologue.log= and panic= of the command line; a warning
// for any other prologue.* word that nobody reads. Gives the value of prologue.break=, whose place is
// known only when all lines are.
std::optional<config::Word> apply_command_line(const World& world, Plan& plan);
// A warning for each word that only other programs obey. `text` is what `words` was parsed from.
void check_foreign_words(const config::CommandLine& words, const config::Source& text,
                         config::Diagnostics& diagnostics);
// The step that prologue.break= names: KEYWORD[:N], the NAME that it yields, or its LINE. A warning when
// there is none.
void place_break(const config::Word& word, Plan& plan);

// Fills entry.step from the line; step.type is set already.
void bind_step(const config::Line& line, Entry& entry, config::Diagnostics& diagnostics);
// What can be checked once the words have their places: missing ones, kinds, forbidden pairs.
void check_bound(Entry& entry, config::Diagnostics& diagnostics);
// Warns of a key file of the image that is overwritten for a shell before its line could read it.
void check_keys_before_shells(const std::vector<Entry>& entries, config::Diagnostics& diagnostics);
// "mount WHAT [DIR]", "find SPEC -> NAME".
std::string usage_of(const StageType& type);

// The value of when=. False after reporting a mistake.
bool parse_condition(const config::Word& word, Condition& condition,
                     config::Diagnostics& diagnostics);
// As the user writes it: "!cmdline:debug".
std::string text_of(const Condition& condition);
// Drops a condition that is known to hold, and marks an entry whose condition is known not to.
void resolve_condition(Entry& entry, const World& world);
// A missing condition always holds. exists: depends on the moment, so nothing follows from it.
bool can_both_hold(const std::optional<Condition>& a, const std::optional<Condition>& b);
bool implies(const std::optional<Condition>& a, const std::optional<Condition>& b);
// True when, under `given`, at least one of `list` holds in every case.
bool always_one(const std::optional<Condition>& given,
                const std::vector<const std::optional<Condition>*>& list);

// The directory that a mount line mounts; empty for a remount and for other stages. The table says
// which word it is: the path behind what is mounted.
std::string mounted_directory(const Step& step);

// Names: yielded once, before use, in every case in which they are used.
class NameChecker {
  public:
    NameChecker(const std::vector<Entry>& entries, const World& world,
                config::Diagnostics& diagnostics)
        : entries_(entries), world_(world), diagnostics_(diagnostics) {}
    void check_all();

  private:
    void check_entry(std::size_t index);
    void check_duplicate(std::size_t index);
    void check_word(std::size_t index, const config::Word& word, ValueKind kind);
    void check_expanded(std::size_t index, const config::Word& word, ValueKind kind);
    void check_reference(std::size_t index, const config::Segment& segment);
    void check_command_line_word(const config::Segment& segment, std::string_view name);
    [[nodiscard]] bool is_fact(std::string_view name) const;
    void check_use(std::size_t index, std::string_view name, const config::Span& span,
                   bool is_reference);
    void report_unknown(std::size_t index, std::string_view name, const config::Span& span,
                        bool is_reference);

    const std::vector<Entry>& entries_;
    const World& world_;
    config::Diagnostics& diagnostics_;
};

}  // namespace prologue::planning
