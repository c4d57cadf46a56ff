// SPDX-License-Identifier: MIT
// A bound line by itself: words that are missing, values of the wrong kind, pairs that cannot be.
#include "init/base/compose.h"
#include "init/planner.h"

#include "stages/stages.h"

namespace prologue::planning {
namespace {

void check_words(Entry& entry, config::Diagnostics& diagnostics) {
    const Step& step = entry.step;
    const StageType& type = *step.type;
    const std::span<const OptionSpec> table = type.options;
    std::string missing;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const bool first = missing.empty() && i == 0;
        const bool absent = (table[i].need == Need::kPositional && step.find(i) == nullptr) ||
                            (table[i].need == Need::kRest && first && step.rest.empty());
        if (!absent) continue;
        if (!missing.empty()) missing += " and ";
        for (const char c : table[i].name.view()) {
            missing += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    if (missing.empty()) return;
    entry.sound = false;
    diagnostics.error(step.keyword, compose("'{}' is missing {}", type.keyword.str(), missing),
                      compose("the form is '{}'", usage_of(type)));
}

void check_kind(const config::Word& word, ValueKind kind, bool any_source, Entry& entry,
                config::Diagnostics& diagnostics) {
    if (!word.is_literal()) return;
    const std::string text = word.text();
    if (kind == ValueKind::kMountable && any_source && !text.empty()) return;
    if (may_be_name(kind, text)) return;  // plan_names.cc looks it up
    const Result<> checked = check_value(kind, text);
    if (checked) return;
    entry.sound = false;
    report(checked.error(), word.span, diagnostics);
}

void check_rules(Entry& entry, config::Diagnostics& diagnostics) {
    const Step& step = entry.step;
    const auto error = [&](std::string message, std::string hint) {
        entry.sound = false;
        diagnostics.error(step.line, std::move(message), std::move(hint));
    };
    const bool carries_on = step.on_failure == OnFailure::kContinue;
    if (!step.yields.empty() && step.when && step.when->kind == Condition::Kind::kExists) {
        error("a line that yields a name takes no 'when=exists:'",
              "later lines could not know whether the name is there");
    }
    if (!step.yields.empty() && carries_on) {
        error("a line that yields a name takes no 'on-failure=continue'",
              "later lines could not know whether the name is there");
    }
    if (step.type->ending != Ending::kNone && carries_on) {
        error(compose("'{}' ends the file and takes no 'on-failure=continue'",
                      step.type->keyword.str()),
              "there is nothing to continue with");
    }
    if (step.timeout == kForever && step.retries > 0) {
        diagnostics.warning(step.line, "'retries' next to 'timeout=forever'",
                            "a stage without a bound is only tried again when it fails at once");
    }
}

}  // namespace

void check_bound(Entry& entry, config::Diagnostics& diagnostics) {
    check_words(entry, diagnostics);
    const Step& step = entry.step;
    const bool any_source = takes_any_source(step);
    for (const Given& one : step.given) {
        const OptionSpec& spec = step.type->options[one.index];
        const bool was_sound = entry.sound;
        check_kind(one.word, spec.kind, any_source, entry, diagnostics);
        // The value of an option says nothing about the rest of the line.
        if (spec.need == Need::kOption) entry.sound = was_sound;
    }
    for (const OptionSpec& option : step.type->options) {
        if (option.need != Need::kRest) continue;
        for (const config::Word& word : step.rest) {
            check_kind(word, option.kind, false, entry, diagnostics);
        }
    }
    check_rules(entry, diagnostics);
}

void check_keys_before_shells(const std::vector<Entry>& entries, config::Diagnostics& diagnostics) {
    bool opened = false;
    for (const Entry& entry : entries) {
        const Step& step = entry.step;
        if (!entry.runs || step.type == nullptr) continue;
        opened = opened || step.type == &kShellStage;
        for (const Given& one : step.given) {
            const bool is_program = step.type->options[one.index].kind == ValueKind::kProgram;
            opened = opened || (is_program && one.word.text() == "shell");
        }
        const config::Word* key = key_in_image(step);
        if (!opened || key == nullptr) continue;
        diagnostics.warning(key->span, "a shell opens before this line, and the key is gone then",
                            "put the line with the shell behind this one");
    }
}

std::string usage_of(const StageType& type) {
    std::string usage = type.keyword.str();
    if (type.verbatim) usage += " [option=value...]";
    for (const OptionSpec& option : type.options) {
        if (option.need == Need::kOption) continue;
        std::string name = option.name.str();
        for (char& c : name) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        if (option.need == Need::kRest) name += "...";
        // Further words may be missing, unless the stage has nothing else to work on (modules).
        const bool optional = option.need == Need::kOptionalPositional ||
                              (option.need == Need::kRest && &option != &type.options.front());
        usage += optional ? compose(" [{}]", name) : " " + name;
    }
    if (type.yields) usage += " -> NAME";
    return usage;
}

}  // namespace prologue::planning
