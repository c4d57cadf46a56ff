// SPDX-License-Identifier: MIT
#include "init/config_source.h"

#include <cerrno>
#include <memory>

#include <sys/wait.h>

#include "config/embedded.h"
#include "config/line.h"
#include "init/base/compose.h"
#include "init/default_config.h"
#include "init/stage_runner.h"
#include "stages/kmod/kmod_loader.h"

namespace prologue {
namespace {

constexpr Literal kConfigPath = "/etc/prologue.conf";
constexpr Duration kOutsideBound{5'000};

// The child's answer: "+TEXT" a config, "-" none, "!WHY" an error.
class OutsideTask final : public ChildTask {
  public:
    explicit OutsideTask(const ConfigSearch& search) : search_(search) {}
    std::string run() override {
        const std::unique_ptr<ModuleLoader> modules =
            make_kmod_loader(search_.sys, search_.command_line);
        const auto text = search_.board.outside_config(search_.sys, *modules);
        if (!text) return "!" + describe(text.error());
        return *text ? "+" + **text : std::string("-");
    }

  private:
    const ConfigSearch& search_;
};

Result<config::Source> read_config(const std::string& path, Sys& sys) {
    Result<std::string> text = sys.read_file(path, config::kMaxSourceBytes);
    if (text) return config::Source{path, std::move(*text)};
    Error error = std::move(text).error();
    error->op = "read config";
    error->hint = error->errnum == EFBIG ? "a config has at most 64 KiB"
                  : error->errnum == ENOENT
                      ? "'prologue initramfs CONF -o OUT' puts it into the image"
                      : "";
    return fail(std::move(error));
}

// nullopt: the machine hands none over. One that cannot be asked fails the boot: it may have meant
// another config than the image's.
Result<std::optional<config::Source>> ask_machine(const ConfigSearch& search) {
    OutsideTask task(search);
    const Instant deadline = deadline_after(search.sys.now(), kOutsideBound);
    const ChildEnd end = TRY(search.supervisor.run_child("config", task, deadline));
    if (end.kind != ChildEnd::Kind::kExited || end.message.empty()) {
        const Result<StageOutcome> why =
            outcome_of(end, "read config of the machine", kOutsideBound);
        return fail(why.error());
    }
    if (end.message[0] == '-') return std::nullopt;
    const std::string text = end.message.substr(1);
    if (end.message[0] != '+') {
        return fail(Error::not_found("read config of the machine", "", text));
    }
    return config::Source{"fw_cfg:opt/prologue/config", text};
}

// Without a file it is what is built in; one that cannot be read is a failure.
Result<config::Source> read_or_build_config(const ConfigSearch& search) {
    Result<config::Source> config = read_config(kConfigPath.str(), search.sys);
    if (config || config.error()->errnum != ENOENT) return config;
    if (search.role == Role::kInitramfs) return default_config(search.command_line);
    return config::Source{"(fallback)", std::string(config::kFallbackConf)};
}

// Whether it has a `set rescue` of any kind but open. Not by the planner, which says what is wrong with a
// line and then has no setting from it: that must not leave the shell open.
bool guards_shell(const config::Source& config) {
    config::Diagnostics said_later;
    for (const config::Line& line : config::parse_lines(config, said_later)) {
        const std::vector<config::Token>& words = line.tokens;
        if (line.keyword != "set" || words.empty() || words[0].word.text() != "rescue") continue;
        if (words.size() < 2 || words[1].word.text() != "open") return true;
    }
    return false;
}

// The config that the command line names, unless it would put one aside that guards its shell from who
// has only the command line.
Result<config::Source> read_named_config(const std::string& path, const ConfigSearch& search) {
    Result<config::Source> usual = read_config(kConfigPath.str(), search.sys);
    const bool is_usual = path == kConfigPath.view();
    if (is_usual || !usual || !guards_shell(*usual)) return read_config(path, search.sys);
    search.log.write(
        LogLevel::kWarning,
        compose("prologue.config={} is not obeyed: {} guards its shell, by 'set rescue'", path,
                kConfigPath.str()));
    return usual;
}

}  // namespace

Result<config::Source> find_config(const ConfigSearch& search) {
    if (search.locked) return read_config(kConfigPath.str(), search.sys);
    const config::Parameter* word = search.command_line.last("prologue.config");
    if (word != nullptr && word->value) return read_named_config(*word->value, search);
    if (search.role == Role::kFallback) return read_or_build_config(search);
    if (search.board.may_have_config != nullptr && search.board.may_have_config(search.sys)) {
        std::optional<config::Source> outside = TRY(ask_machine(search));
        if (outside) return std::move(*outside);
    }
    return read_or_build_config(search);
}

}  // namespace prologue
