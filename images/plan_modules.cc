// SPDX-License-Identifier: MIT
#include "images/plan_modules.h"

#include <algorithm>

#include "board/board.h"
#include "board/drivers.h"
#include "init/base/split.h"
#include "stages/mount_line.h"
#include "stages/stages.h"

namespace prologue::images {
namespace {

using config::Word;

// The word of the option or positional of that name; null when the line does not say it.
const Word* option_of(const Step& step, std::string_view name) {
    for (std::size_t i = 0; i < step.type->options.size(); ++i)
        if (config::same_keyword(step.type->options[i].name, name)) return step.find(i);
    return nullptr;
}

std::string literal_text(const Word* word) {
    return word != nullptr && word->is_literal() ? word->text() : std::string();
}

std::vector<std::string> split_commas(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::string_view part = take_part(text, ',');
        if (!part.empty()) parts.emplace_back(part);
    }
    return parts;
}

// NAME.key=value; an alias with dots or '=' ("of:N*T*C…") has a ':' first.
bool is_parameter(std::string_view word) {
    const std::size_t dot = word.find('.');
    const std::size_t equals = word.find('=');
    return dot != std::string_view::npos && equals != std::string_view::npos && dot < equals &&
           word.find(':') > dot;
}

void wish_modules(const Step& step, std::vector<ModuleWish>& wishes) {
    std::vector<const Word*> words;
    for (const Given& given : step.given)
        if (step.type->options[given.index].need == Need::kPositional) words.push_back(&given.word);
    for (const Word& word : step.rest) words.push_back(&word);
    for (const Word* word : words) {
        if (!word->is_literal()) continue;  // known at boot only
        const std::string name = word->text();
        if (is_parameter(name)) continue;  // of a module that the line names as well
        if (!check_value(ValueKind::kModule, name)) continue;  // the plan has said so
        if (name != "auto") wishes.push_back({name, false, word->span});
    }
}

// "iocharset=utf8" and "codepage=850" name tables of characters that are modules.
void wish_charsets(const Word& options, std::vector<ModuleWish>& wishes) {
    for (const std::string& option : split_commas(literal_text(&options))) {
        const std::size_t equals = option.find('=');
        if (equals == std::string::npos) continue;
        const std::string key = option.substr(0, equals);
        const std::string value = option.substr(equals + 1);
        if (key == "iocharset" || key == "nls")
            wishes.push_back({"nls_" + value, false, options.span});
        if (key == "codepage") wishes.push_back({"nls_cp" + value, false, options.span});
    }
}

void wish_mount(const Step& step, std::vector<ModuleWish>& wishes) {
    const Word* type = option_of(step, "type");
    const Word* what = nullptr;
    for (const Given& given : step.given)
        if (what == nullptr && step.type->options[given.index].need == Need::kPositional)
            what = &given.word;
    if (literal_text(what) == kFstabSource.view()) return;  // known at boot only
    if (type == nullptr && is_deviceless_type(literal_text(what))) type = what;
    for (const std::string& one : split_commas(literal_text(type)))
        if (one != mount_line::kOpenType.view()) wishes.push_back({one, true, type->span});
    const Word* options = option_of(step, "options");
    if (options != nullptr) wish_charsets(*options, wishes);
}

// A kernel may lack some.
constexpr Literal kRootFilesystems[] = {"ext4",     "xfs",   "btrfs",   "f2fs", "bcachefs",
                                        "squashfs", "erofs", "iso9660", "vfat", "overlay"};

bool can_mount_a_disk(const ModuleTree& tree, const Closure& closure) {
    const auto is_disks = [](const Alias& alias) { return is_alias_of_disk(alias.pattern); };
    const auto& built_in = tree.builtin_aliases();
    return std::any_of(
               tree.aliases().begin(), tree.aliases().end(),
               [&](const Alias& alias) { return is_disks(alias) && closure.has(alias.module); }) ||
           std::any_of(built_in.begin(), built_in.end(), is_disks) ||
           std::any_of(tree.builtins().begin(), tree.builtins().end(), is_disk_filesystem);
}

}  // namespace

std::vector<ModuleWish> module_wishes(const Plan& plan) {
    std::vector<ModuleWish> wishes;
    for (const Step& step : plan.steps) {
        const std::string_view keyword = step.type->keyword;
        if (keyword == "modules") wish_modules(step, wishes);
        if (keyword == "mount") wish_mount(step, wishes);
        if (keyword == "decrypt") wishes.push_back({"dm_crypt", false, step.keyword});
    }
    return wishes;
}

bool wants_coldplug(const Plan& plan) {
    for (const Step& step : plan.steps) {
        if (step.type->keyword != Literal("modules")) continue;
        for (const Given& given : step.given)
            if (literal_text(&given.word) == "auto") return true;
        for (const Word& word : step.rest)
            if (literal_text(&word) == "auto") return true;
    }
    return false;
}

bool finds_filesystem(const Step& step) {
    if (step.type->keyword != Literal("mount") || step.prelude) return false;
    const Word* options = option_of(step, "options");
    const bool is_remount = step.find(mount_line::kTarget) == nullptr;
    if (is_remount || (options != nullptr && mount_line::is_bind(options->text()))) return false;
    const Word* type = option_of(step, "type");
    if (type != nullptr)
        return !type->is_literal() || has_mount_option(type->text(), mount_line::kOpenType);
    const Word* what = step.find(mount_line::kSource);
    return what != nullptr && !is_deviceless_type(literal_text(what));
}

bool is_alias_of_disk(std::string_view alias) {
    if (!alias.starts_with("fs-") && !alias.starts_with("fs_")) return false;
    const std::string_view type = alias.substr(3);
    return !is_deviceless_type(type) && !takes_verbatim_source(type) && !type.starts_with("fuse");
}

std::span<const Literal> root_filesystems() {
    return kRootFilesystems;
}

void add_root_filesystems(const Plan& plan, Closure& closure) {
    if (!wants_coldplug(plan) ||
        std::none_of(plan.steps.begin(), plan.steps.end(), finds_filesystem))
        return;
    for (const Literal type : kRootFilesystems) (void)closure.add_filesystem(type);
}

void add_wishes(const std::vector<ModuleWish>& wishes, const ModuleTree& tree, Closure& closure,
                config::Diagnostics& diagnostics) {
    for (const ModuleWish& wish : wishes) {
        const bool found =
            wish.filesystem ? closure.add_filesystem(wish.name) : closure.add(wish.name);
        if (found) continue;
        std::string hint = config::did_you_mean_hint(wish.name, tree.names());
        if (hint.empty()) hint = "it is neither below " + tree.directory() + " nor built in";
        const std::string kind = wish.filesystem ? "filesystem" : "module";
        diagnostics.error(wish.where,
                          "kernel " + tree.version() + " has no " + kind + " '" + wish.name + "'",
                          std::move(hint));
    }
}

void warn_of_no_filesystem(const Plan& plan, const ModuleTree& tree, const Closure& closure,
                           config::Diagnostics& diagnostics) {
    const auto step = std::find_if(plan.steps.begin(), plan.steps.end(), finds_filesystem);
    // Without a list of what is built in, anything may be.
    if (step == plan.steps.end() || tree.builtins().empty() || can_mount_a_disk(tree, closure))
        return;
    diagnostics.warning(
        step->line,
        "kernel " + tree.version() +
            " has all filesystems of disks as modules, and none is asked for",
        "say type=ext4 on this line, or which it is, or name its module on a 'modules' line");
}

void add_board(std::string_view board, bool has_watchdog, Closure& closure, Problems& problems) {
    const Board* found = find_board(board);
    if (found == nullptr) {
        problems.error("unknown board '" + std::string(board) + "'", hint_for_unknown_board(board));
        return;
    }
    // The one that fits every machine gets what each of the others has.
    const bool is_any_machine = found == board_table().back();
    for (const BoardDrivers* drivers : driver_table()) {
        if (drivers->board != found->name && !is_any_machine) continue;
        for (const DriverBundle* bundle : drivers->bundles) {
            if (bundle->use == DriverUse::kWatchdog && !has_watchdog) continue;
            for (const Literal name : bundle->modules)
                (void)closure.add(name);  // some may be lacking
        }
    }
}

}  // namespace prologue::images
