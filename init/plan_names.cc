// SPDX-License-Identifier: MIT
// `${…}` and yielded names: each name yielded once, before its use, and in every case of its use.
#include <algorithm>

#include "board/board.h"
#include "config/scalar.h"
#include "config/values.h"
#include "init/base/compose.h"
#include "init/planner.h"

namespace prologue::planning {
namespace {

constexpr std::string_view kCommandLinePrefix = "cmdline.", kBoardPrefix = "board.";

bool yields(const Entry& entry, std::string_view name) {
    return entry.runs && entry.step.yields == name;
}

}  // namespace

void NameChecker::check_all() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (!entries_[i].runs) continue;
        check_duplicate(i);
        if (entries_[i].step.type != nullptr) check_entry(i);
    }
}

void NameChecker::check_duplicate(std::size_t index) {
    const Step& step = entries_[index].step;
    if (step.yields.empty()) return;
    for (std::size_t i = 0; i < index; ++i) {
        const Step& before = entries_[i].step;
        if (!yields(entries_[i], step.yields) || !can_both_hold(before.when, step.when)) continue;
        diagnostics_.error(step.yields_span,
                           compose("{} is yielded already, by {}", config::quoted(step.yields),
                                   place_of(before.yields_span)),
                           "choose another name");
        return;
    }
}

void NameChecker::check_entry(std::size_t index) {
    const Step& step = entries_[index].step;
    const std::span<const OptionSpec> table = step.type->options;
    const bool any_source = takes_any_source(step);
    for (const Given& one : step.given) {
        ValueKind kind = table[one.index].kind;
        if (kind == ValueKind::kMountable && any_source) kind = ValueKind::kText;
        check_word(index, one.word, kind);
    }
    for (const config::Word& word : step.rest) check_word(index, word, ValueKind::kText);
}

void NameChecker::check_word(std::size_t index, const config::Word& word, ValueKind kind) {
    for (const config::Segment& segment : word.segments) {
        const bool reference = segment.kind == config::Segment::Kind::kReference;
        if (reference && !segment.text.empty()) check_reference(index, segment);
    }
    if (!word.is_literal()) return check_expanded(index, word, kind);
    const std::string text = word.text();
    if (may_be_name(kind, text)) {
        check_use(index, text, word.span, false);
        return;
    }
    const bool device = kind == ValueKind::kDevice || kind == ValueKind::kMountable;
    if (!device || !text.starts_with("/dev/")) return;
    const std::string_view node = std::string_view(text).substr(5);
    const bool scsi = node.size() > 2 && node.starts_with("sd") && node[2] >= 'a' && node[2] <= 'z';
    if (scsi || (node.size() > 4 && node.starts_with("nvme") && node[4] >= '0' && node[4] <= '9')) {
        diagnostics_.warning(
            word.span,
            compose("the kernel gives out {} in the order in which disks answer, which can change",
                    config::quoted(text)),
            "UUID=, LABEL= or PARTUUID= name one device for good");
    }
}

// What a command line that is given on the host makes of a word. At boot the stage says it.
void NameChecker::check_expanded(std::size_t index, const config::Word& word, ValueKind kind) {
    if (world_.command_line == nullptr || world_.on_target) return;
    config::Values values;
    values.command_line = *world_.command_line;
    const Result<std::string> text = config::expand(word, values);
    if (!text) return;  // not set, or known only at boot
    for (std::size_t i = 0; i < index; ++i)
        if (may_be_name(kind, *text) && yields(entries_[i], *text)) return;
    const Result<> checked = check_value(kind, *text);
    if (checked) return;
    diagnostics_.error(word.span,
                       compose("{} on this command line: {}", config::quoted(word.text()),
                               checked.error()->detail),
                       checked.error()->hint);
}

void NameChecker::check_reference(std::size_t index, const config::Segment& segment) {
    const std::string_view name = segment.text;
    if (name.starts_with(kCommandLinePrefix)) {
        check_command_line_word(segment, name.substr(kCommandLinePrefix.size()));
        return;
    }
    if (!name.starts_with(kBoardPrefix)) {
        check_use(index, name, segment.span, true);
        return;
    }
    std::vector<std::string_view> keys;
    for (const Literal key : board_value_names()) keys.push_back(key);
    const std::string_view key = name.substr(kBoardPrefix.size());
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return;
    std::string hint = config::did_you_mean_hint(key, keys);
    if (hint.empty()) {
        hint = "boards have";
        for (const std::string_view one : keys)
            hint += (one == keys[0] ? " " : ", ") + std::string(one);
    }
    diagnostics_.error(segment.span, "a board has no value " + config::quoted(key),
                       std::move(hint));
}

void NameChecker::check_command_line_word(const config::Segment& segment, std::string_view name) {
    if (name.empty()) {
        diagnostics_.error(segment.span, "the reference names no word of the command line",
                           "write '${cmdline.root}', say");
        return;
    }
    if (segment.has_fallback || world_.on_target) return;
    const std::string word = "${" + segment.text + "}";
    if (world_.command_line == nullptr) {
        diagnostics_.note(
            segment.span, config::quoted(word) + " is known only at boot",
            "'--cmdline WORDS' checks with a value; '${" + segment.text + ":-default}' has one");
    } else if (world_.command_line->last(name) == nullptr) {
        diagnostics_.note(segment.span, config::quoted(name) + " is not on this command line",
                          "this stage fails where it is not set");
    }
}

bool NameChecker::is_fact(std::string_view name) const {
    return world_.facts != nullptr &&
           std::any_of(world_.facts->begin(), world_.facts->end(),
                       [&](const config::NamedValue& fact) { return fact.name == name; });
}

void NameChecker::check_use(std::size_t index, std::string_view name, const config::Span& span,
                            bool is_reference) {
    std::vector<const std::optional<Condition>*> cases;
    const Step* first = nullptr;
    for (std::size_t i = 0; i < index; ++i) {
        if (!yields(entries_[i], name)) continue;
        if (first == nullptr) first = &entries_[i].step;
        cases.push_back(&entries_[i].step.when);
    }
    if (first == nullptr && is_fact(name)) return;
    if (first == nullptr) {
        report_unknown(index, name, span, is_reference);
        return;
    }
    if (always_one(entries_[index].step.when, cases)) return;
    diagnostics_.error(span,
                       compose("{} is there only when '{}' holds ({})", config::quoted(name),
                               text_of(*first->when), place_of(first->yields_span)),
                       "give this line the same when=, or yield the name in the other case too");
}

void NameChecker::report_unknown(std::size_t index, std::string_view name, const config::Span& span,
                                 bool is_reference) {
    std::vector<std::string_view> names;
    std::string hint;
    if (world_.facts != nullptr) {
        for (const config::NamedValue& fact : *world_.facts) names.push_back(fact.name);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Step& step = entries_[i].step;
        if (step.yields.empty() || !entries_[i].runs) continue;
        if (i < index) names.push_back(step.yields);
        if (i >= index && step.yields == name && hint.empty()) {
            hint =
                compose("it is yielded only in {}; move that line up", place_of(step.yields_span));
        }
    }
    if (hint.empty()) hint = config::did_you_mean_hint(name, names);
    if (is_reference) {
        if (hint.empty()) {
            hint =
                "'${cmdline.WORD}' is a word of the command line, '${board.KEY}' a value of the "
                "board";
        }
        diagnostics_.error(span, "no line before this one yields " + config::quoted(name),
                           std::move(hint));
        return;
    }
    if (hint.empty())
        hint = "a device is UUID=, LABEL=, PARTUUID=, PARTLABEL=, /dev/NAME or MAJOR:MINOR";
    diagnostics_.error(span,
                       config::quoted(name) +
                           " is neither a device nor a name that a line before "
                           "this one yields",
                       std::move(hint));
}

}  // namespace prologue::planning
