// SPDX-License-Identifier: MIT
// What a stage is: a keyword, a table of its words and options, a pure check at planning time, and a
// function that runs in a child of PID 1. One stage is one file; stages.cc holds the ordered table.
//
// The option table is the only place where the names are written: parsing, `prologue stages` and the
// manual page all read it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/line.h"
#include "config/values.h"
#include "init/base/clock.h"
#include "init/base/error.h"
#include "init/base/sys.h"
#include "stages/device.h"
#include "stages/modules.h"
#include "stages/mounter.h"

namespace prologue {

enum class ValueKind : std::uint8_t {
    kText,       // anything
    kPath,       // absolute path, no ".." component
    kDevice,     // a device specification or a yielded name
    kMountable,  // mount's WHAT: device, device-less type, host:/path, tag
    kModule,     // NAME or NAME.key=value
    kBoolean,    // yes or no
    kNumber,
    kSize,
    kDuration,
    kProgram,   // absolute path, or the word `shell`
    kTerminal,  // the name of a terminal, with or without /dev/
};

enum class Need : std::uint8_t {
    kPositional,          // one word, required, in the order of the table
    kOptionalPositional,  // one word, may be missing; only behind the kPositional ones
    kRest,                // all further words; at least one when it is the first positional
    kOption,              // option=value
};

struct OptionSpec {
    Literal name;  // "target"; shown in upper case where it is a positional
    ValueKind kind = ValueKind::kText;
    Need need = Need::kOption;
    Literal help;      // one line, lower case, no full stop
    Literal fallback;  // shown as the default; empty = none
};

enum class Ending : std::uint8_t { kNone, kSwitchRoot, kReboot, kPowerOff, kHalt, kSupervise };

enum class OnFailure : std::uint8_t { kRescue, kReboot, kPowerOff, kHalt, kContinue };
std::string_view name_of(OnFailure policy);

struct StageType;

// `when=[!]cmdline:WORD[=VALUE]|board:NAME|exists:PATH`
struct Condition {
    enum class Kind : std::uint8_t { kCommandLine, kBoard, kExists };
    Kind kind = Kind::kCommandLine;
    bool negated = false;
    std::string subject;               // WORD, NAME or PATH
    std::optional<std::string> value;  // of cmdline:WORD=VALUE
};

// One given option or positional of a step; `index` is its place in the stage's table.
struct Given {
    std::size_t index = 0;
    config::Word word;
};

// Of a line that asks a person: the device clock stands still meanwhile.
struct Ask {
    Duration bound{300'000};            // for all answers together
    std::vector<std::string> consoles;  // `set prompt-consoles`; empty = all active ones
};

// One line of the plan.
struct Step {
    const StageType* type = nullptr;
    config::Span line;  // from the keyword to the last token
    config::Span keyword;
    std::vector<Given> given;        // positionals and options, in the order of the text
    std::vector<config::Word> rest;  // the words of a Need::kRest
    std::string yields;              // the name behind "->"; empty = none
    config::Span yields_span;
    Duration timeout{30'000};
    std::optional<OnFailure> on_failure;  // unset = the file's default
    unsigned retries = 0;
    std::optional<Condition> when;
    std::optional<Ask> ask;  // of a line that asks a person
    bool prelude = false;

    // The word of option or positional `index` of the table, or null.
    [[nodiscard]] const config::Word* find(std::size_t index) const;
};

// What planning knows, and what the stages' checks may ask and say. Pure.
class PlanContext {
  public:
    virtual ~PlanContext() = default;
    virtual config::Diagnostics& diagnostics() = 0;
    // True when an earlier line yields `name` (and may run).
    virtual bool is_yielded(std::string_view name) const = 0;
    // A stage says what it does, so that later lines can be checked.
    virtual void note_mount(std::string_view directory) = 0;
    virtual void note_umount(std::string_view directory) = 0;
    // An error at `directory` when no earlier stage mounts it, or not in every case.
    virtual void require_mount(const config::Word& directory) = 0;
    virtual void note_driver_line() = 0;  // modules are loaded here
    virtual void note_device_wait(
        const config::Span& span) = 0;  // warns when no driver line came before
    // Something is started here that supervise looks after; `typed_at` is the terminal (a name below
    // /dev) that a person shall type at, empty when the line names none.
    virtual void note_service(std::string_view typed_at) = 0;
    virtual bool has_service() const = 0;
    virtual bool is_locked() const = 0;
};

// The check of a word's text by its kind; used for literal words at planning time and for all words
// after expansion. Device positions take a specification here; a bare name is the caller's to look
// up first (may_be_name).
Result<> check_value(ValueKind kind, std::string_view text);
// True when `text` in a position of `kind` can only be a yielded name.
bool may_be_name(ValueKind kind, std::string_view text);
// True when the step's type= makes mount's WHAT a text for the filesystem alone (9p, nfs, tmpfs …),
// or when type= is known only at boot.
bool takes_any_source(const Step& step);
// The options that every stage takes; they are not in the stages' own tables.
std::span<const OptionSpec> common_options();

// The words of a step after expansion, checked again by their kinds.
class Arguments {
  public:
    // Expands every word. An unset value, or one that is not what its kind wants, is kConfig.
    static Result<Arguments> expand(const Step& step, const config::Values& values);

    [[nodiscard]] bool has(std::size_t index) const;
    // The text of `index`, or the table's fallback when it was not given.
    [[nodiscard]] std::string text(std::size_t index) const;
    [[nodiscard]] const std::vector<std::string>& rest() const { return rest_; }
    // The name behind "->"; empty = none.
    [[nodiscard]] const std::string& yields() const { return yields_; }

  private:
    struct Bound {
        std::size_t index;
        std::string text;
    };
    const StageType* type_ = nullptr;
    std::vector<Bound> bound_;
    std::vector<std::string> rest_;
    std::string yields_;
};

// What a child tells PID 1 when its stage went well.
struct StageOutcome {
    // Out of line, all of them: it is five containers and more, and every stage gives one back.
    StageOutcome();
    StageOutcome(const StageOutcome& other);
    StageOutcome(StageOutcome&& other) noexcept;
    StageOutcome& operator=(const StageOutcome& other);
    StageOutcome& operator=(StageOutcome&& other) noexcept;
    ~StageOutcome();

    std::string summary;  // "/dev/vda (ext4) on /newroot": the rest of the stage's log line
    // Of a stage that yields one. Of another stage: it has a new path, which the names for it follow.
    std::optional<Device> device;
    std::string init_path;  // switch_root only: what PID 1 will exec, as seen in the new root
    std::string new_root;   // switch_root only
    bool skipped = false;   // when=exists: did not hold; the summary says why
    // From now on, whatever waits for a device loads the drivers of those that appear as well.
    bool serves_devices = false;
    // What went wrong and did not keep the stage from its work, a sentence each.
    std::vector<std::string> warnings;
};

// "ttyS0" of "/dev/ttyS0" or "ttyS0".
std::string terminal_name(std::string_view text);
// The terminal that the kernel itself speaks on; it needs no node.
inline constexpr Literal kConsoleTty = "console";

// A program that stays: what a `service` line asks PID 1 to start.
struct ServiceOrder {
    ProgramCall program;     // without a path: the built-in shell
    std::string tty;         // its name below /dev
    bool names_tty = false;  // the line does
    bool respawn = true;
    [[nodiscard]] bool is_shell() const { return program.path.empty(); }
    // Somebody may type at it: it takes its terminal, whoever has it. A program that has the console
    // by default only writes there when somebody types at it in another service.
    [[nodiscard]] bool reads_terminal() const { return names_tty || is_shell(); }
    // For messages: the path, or "shell".
    [[nodiscard]] std::string name() const { return is_shell() ? "shell" : program.path; }
};

struct DecryptTools;  // stages/luks.h

struct StageContext {
    Sys& sys;
    Mounter& mounter;
    ModuleLoader& modules;
    DeviceFinder& devices;
    const config::Values& values;      // facts, command line, board
    const std::vector<Device>& known;  // devices behind the facts, for `fstype`
    Instant deadline;                  // of this try
    std::string new_root;              // switch_root's directory; empty when the plan has none
    char* const* init_argv;            // PID 1's own, for the trial exec
    char* const* init_envp;
    DecryptTools* decrypt = nullptr;  // null in a build without the stage
    const Ask* ask = nullptr;         // of a step that asks a person
};

struct StageType {
    Literal keyword;
    Literal summary;  // "mount one filesystem"
    std::span<const OptionSpec> options;
    bool yields = false;
    Ending ending = Ending::kNone;
    bool verbatim = false;  // options stand before the first word; what follows it is not parsed
    void (*plan)(const Step& step, PlanContext& context) = nullptr;
    Result<StageOutcome> (*run)(const Arguments& arguments, StageContext& context) = nullptr;
    // Of a stage whose work outlives its child; both or none. `mark` is asked in the child before
    // `run`: a number that says what is there, or 0 when there is nothing to undo. After the child was
    // killed or has crashed, `undo` brings that state back, in a child of its own; with
    // `undoes_errors` after every failure, for a child that holds itself what is to be removed.
    std::uint64_t (*mark)(const Arguments& arguments, Sys& sys) = nullptr;
    Result<> (*undo)(const Arguments& arguments, StageContext& context,
                     std::uint64_t mark) = nullptr;
    // Of a stage that starts something that stays: what PID 1 starts once `run` went well. The
    // environment is PID 1's own, execve(2)'s list.
    ServiceOrder (*service)(const Arguments& arguments, char* const* environment) = nullptr;
    // True for a step that asks a person: its timeout= is then the person's, and the devices have
    // the file's default.
    bool (*asks)(const Step& step) = nullptr;
    bool undoes_errors = false;
};

// All stages, in the order in which the manual lists them.
std::span<const StageType* const> stage_table();
// By keyword, '-' and '_' alike; null when there is none.
const StageType* find_stage(std::string_view keyword);

// As WHAT of a `mount` line: what the new root's own /etc/fstab says of the directory.
inline constexpr Literal kFstabSource = "fstab";
// Device-less filesystem types that `mount` takes as WHAT, and kFstabSource; a yielded name must not be one of them.
bool is_deviceless_type(std::string_view type);
// Filesystem types whose source is passed on verbatim (9p, virtiofs, nfs …).
bool takes_verbatim_source(std::string_view type);
// Filesystem types that lie on a device.
bool is_disk_filesystem(std::string_view type);
// Option words of mount(8) for every filesystem ("ro", "noatime", …), without a value.
bool is_mount_flag(std::string_view word);
// The mount flag that a mistyped `word` was meant to be; empty for everything that may be an option
// of the filesystem itself.
std::string_view mount_flag_near(std::string_view word);
// Filesystem types and option words: reserved as names.
bool is_reserved_name(std::string_view name);

}  // namespace prologue
