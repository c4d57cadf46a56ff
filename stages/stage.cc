// SPDX-License-Identifier: MIT
#include "stages/stage.h"

#include <algorithm>

#include "init/base/compose.h"
#include "init/base/path.h"

namespace prologue {

StageOutcome::StageOutcome() = default;
StageOutcome::StageOutcome(const StageOutcome& other) = default;
StageOutcome::StageOutcome(StageOutcome&& other) noexcept = default;
StageOutcome& StageOutcome::operator=(const StageOutcome& other) = default;
StageOutcome& StageOutcome::operator=(StageOutcome&& other) noexcept = default;
StageOutcome::~StageOutcome() = default;

std::string_view name_of(OnFailure policy) {
    switch (policy) {
        case OnFailure::kRescue: return "rescue";
        case OnFailure::kReboot: return "reboot";
        case OnFailure::kPowerOff: return "poweroff";
        case OnFailure::kHalt: return "halt";
        case OnFailure::kContinue: break;
    }
    return "continue";
}

const StageType* find_stage(std::string_view keyword) {
    for (const StageType* type : stage_table()) {
        if (config::same_keyword(type->keyword, keyword)) return type;
    }
    return nullptr;
}

const config::Word* Step::find(std::size_t index) const {
    for (const Given& one : given) {
        if (one.index == index) return &one.word;
    }
    return nullptr;
}

namespace {

// The kernel's own way to write a root device: "0801". It would read as a name in a config file, so
// only a value that came from elsewhere may be one.
std::string spelled_as_number(const std::string& text) {
    const Result<DeviceSpec> spec = parse_device_spec(text);
    if (!spec || spec->kind != DeviceSpec::Kind::kNumber) return text;
    return compose("{}:{}", std::to_string(spec->major), std::to_string(spec->minor));
}

bool is_fact(const config::Values& values, std::string_view name) {
    return std::any_of(values.facts.begin(), values.facts.end(),
                       [&](const config::NamedValue& fact) { return fact.name == name; });
}

Result<std::string> expand_word(const config::Word& word, ValueKind kind, bool any_source,
                                const config::Values& values) {
    Result<std::string> text = config::expand(word, values);
    if (!text) {
        text.error()->kind = ErrorKind::kConfig;
        return text;
    }
    if (kind == ValueKind::kMountable && any_source && !text->empty()) return text;
    if (may_be_name(kind, *text)) {
        if (is_fact(values, *text)) return text;
        if (!word.is_literal()) *text = spelled_as_number(*text);
    }
    const Result<> checked = check_value(kind, *text);
    if (!checked) {
        Error error = checked.error();
        error->op = "expand";
        error->object = word.text();
        return fail(std::move(error));
    }
    // Directories are compared as text with each other and with the mount table.
    const bool directory = kind == ValueKind::kPath || kind == ValueKind::kMountable;
    if (directory && text->starts_with('/') && !text->starts_with("/dev/"))
        return plain_path(*text);
    return text;
}

}  // namespace

Result<Arguments> Arguments::expand(const Step& step, const config::Values& values) {
    Arguments arguments;
    arguments.type_ = step.type;
    arguments.yields_ = step.yields;
    const std::span<const OptionSpec> table = step.type->options;
    const auto type_option = std::find_if(table.begin(), table.end(), [](const OptionSpec& option) {
        return option.name.view() == "type";
    });
    bool any_source = false;
    if (type_option != table.end()) {
        const auto* word = step.find(static_cast<std::size_t>(type_option - table.begin()));
        if (word != nullptr) {
            const std::string type = TRY(config::expand(*word, values));
            any_source = takes_verbatim_source(type) || is_deviceless_type(type);
        }
    }
    for (const Given& one : step.given) {
        const ValueKind kind = table[one.index].kind;
        std::string text = TRY(expand_word(one.word, kind, any_source, values));
        arguments.bound_.push_back({one.index, std::move(text)});
    }
    const auto rest = std::find_if(table.begin(), table.end(), [](const OptionSpec& option) {
        return option.need == Need::kRest;
    });
    for (const config::Word& word : step.rest) {
        const ValueKind kind = rest == table.end() ? ValueKind::kText : rest->kind;
        arguments.rest_.push_back(TRY(expand_word(word, kind, false, values)));
    }
    return arguments;
}

bool Arguments::has(std::size_t index) const {
    return std::any_of(bound_.begin(), bound_.end(),
                       [index](const Bound& one) { return one.index == index; });
}

std::string Arguments::text(std::size_t index) const {
    for (const Bound& one : bound_) {
        if (one.index == index) return one.text;
    }
    if (type_ == nullptr || index >= type_->options.size()) return {};
    return type_->options[index].fallback.str();
}

}  // namespace prologue
