// SPDX-License-Identifier: MIT
// A line against its stage's table: which word is what, and whether its text is of the right kind.
#include "config/scalar.h"
#include "init/base/compose.h"
#include "init/planner.h"

namespace prologue::planning {
namespace {

using config::Token;

constexpr std::uint64_t kMaxRetries = 1000;

class Binder {
  public:
    Binder(const config::Line& line, Entry& entry, config::Diagnostics& diagnostics)
        : line_(line),
          entry_(entry),
          step_(entry.step),
          type_(*entry.step.type),
          diagnostics_(diagnostics),
          given_options_(type_.options.size()) {}

    void run();

  private:
    void error(const config::Span& span, Text message, Text hint = {}) {
        entry_.sound = false;
        diagnostics_.error(span, message, hint);
    }
    void error(const config::Span& span, const Error& wrong) {
        error(span, wrong->detail, wrong->hint);
    }
    void take_token(std::size_t& at);
    void take_arrow(std::size_t& at);
    void take_word(const config::Word& word);
    bool take_letter(std::size_t& at);
    [[nodiscard]] std::string hint_for_extra(std::string_view text) const;
    void take_option(const config::OptionToken& option);
    bool take_common(const config::OptionToken& option);
    void set_common(std::size_t index, const config::Word& value);
    void set_timeout(const config::Word& value);
    void set_retries(const config::Word& value);
    void unknown_option(const config::OptionToken& option);
    void check_yield();

    const config::Line& line_;
    Entry& entry_;
    Step& step_;
    const StageType& type_;
    config::Diagnostics& diagnostics_;
    std::vector<bool> given_options_;
    std::vector<bool> given_common_ = std::vector<bool>(common_options().size());
    std::size_t next_positional_ = 0;  // index into the table
    bool in_rest_ = false;
    bool verbatim_ = false;
    bool extra_reported_ = false;
    bool bad_arrow_ = false;
};

void Binder::run() {
    for (std::size_t at = 0; at < line_.tokens.size(); ++at) take_token(at);
    check_bound(entry_, diagnostics_);
    check_yield();
}

void Binder::take_token(std::size_t& at) {
    const Token& token = line_.tokens[at];
    if (type_.verbatim && token.kind == Token::Kind::kWord) verbatim_ = true;
    if (verbatim_) {
        take_word(token.kind == Token::Kind::kWord ? token.word : token.as_word);
        return;
    }
    switch (token.kind) {
        case Token::Kind::kArrow: take_arrow(at); break;
        case Token::Kind::kOption: take_option(token.option); break;
        case Token::Kind::kWord:
            if (!take_letter(at)) take_word(token.word);
            break;
    }
}

void Binder::take_arrow(std::size_t& at) {
    const Token& arrow = line_.tokens[at];
    if (!type_.yields) {
        error(arrow.span,
              compose("'{}' yields no device, so it takes no '->'", type_.keyword.str()));
        bad_arrow_ = true;
    }
    if (at + 1 == line_.tokens.size() || line_.tokens[at + 1].kind != Token::Kind::kWord) {
        if (!bad_arrow_) error(arrow.span, "a name is missing behind '->'", "write '-> root', say");
        bad_arrow_ = true;
        return;
    }
    const config::Word& name = line_.tokens[++at].word;
    if (bad_arrow_) return;
    if (!step_.yields.empty()) {
        error(arrow.span, "a line yields one name only");
        return;
    }
    step_.yields_span = name.span;
    step_.yields = name.text();
    if (!name.is_literal() || !config::is_valid_name(step_.yields)) {
        error(name.span, config::quoted(step_.yields) + " cannot be a name",
              "a name is letters, digits and _ . + -, at most 127 of them");
        bad_arrow_ = true;
        step_.yields.clear();
    } else if (is_reserved_name(step_.yields)) {
        error(name.span, compose("the name {} is reserved", config::quoted(step_.yields)),
              "filesystem types and option words cannot name a device");
    }
}

void Binder::take_word(const config::Word& word) {
    const std::string text = word.text();
    if (!verbatim_ && !word.quoted && text.starts_with("->") && text.size() > 2) {
        error(word.span, "a blank is missing behind '->'",
              compose("write '-> {}'", text.substr(2, 40)));
        bad_arrow_ = true;
        // Taken as it was meant, so that later lines are not blamed.
        step_.yields = text.substr(2);
        step_.yields_span = word.span;
        return;
    }
    const std::span<const OptionSpec> table = type_.options;
    while (!in_rest_ && next_positional_ < table.size()) {
        const std::size_t index = next_positional_++;
        if (table[index].need == Need::kOption) continue;
        if (table[index].need != Need::kRest) {
            step_.given.push_back({index, word});
            return;
        }
        in_rest_ = true;
    }
    if (in_rest_) {
        step_.rest.push_back(word);
        return;
    }
    if (extra_reported_) return;  // the first one tells it all
    extra_reported_ = true;
    if (text == "else" && type_.keyword.view() == "find") {
        error(word.span, "'else' is not in this build", "one line finds one device");
        return;
    }
    std::string hint = hint_for_extra(text);
    if (hint.empty()) hint = compose("the form is '{}'", usage_of(type_));
    error(word.span, "one word too many: " + config::quoted(text), std::move(hint));
}

// What stands there in fstab(5).
std::string Binder::hint_for_extra(std::string_view text) const {
    if (type_.keyword.view() != "mount") return {};
    if (is_disk_filesystem(text)) return compose("write 'type={}'", std::string(text));
    const bool is_option = is_mount_flag(text.substr(0, text.find(',')));
    return is_option ? compose("write 'options={}'", std::string(text)) : std::string();
}

// "-o ro" and "-t ext4", as mount(8) takes them; true when this word is one.
bool Binder::take_letter(std::size_t& at) {
    const std::string text = line_.tokens[at].word.text();
    const bool options = text.starts_with("-o");
    if (type_.keyword.view() != "mount" || (!options && !text.starts_with("-t"))) return false;
    std::string value = text.substr(2);
    const config::Span span = line_.tokens[at].span;
    const bool has_next =
        at + 1 < line_.tokens.size() && line_.tokens[at + 1].kind != Token::Kind::kArrow;
    if (value.empty() && has_next) {
        const Token& next = line_.tokens[++at];
        value = (next.kind == Token::Kind::kWord ? next.word : next.as_word).text();
    }
    if (value.empty()) value = options ? "ro" : "ext4";
    error(span, config::quoted(text.substr(0, 2)) + " is how mount(8) takes its options",
          compose("{}{}'", options ? "write 'options=" : "write 'type=", value));
    return true;
}

void Binder::take_option(const config::OptionToken& option) {
    if (option.value.segments.empty() && !option.value.quoted) {
        error(option.span, compose("option '{}' has no value", option.name));
        // Known all the same, so that a word that is only missing its value is not called unknown.
    }
    if (take_common(option)) return;
    for (std::size_t i = 0; i < type_.options.size(); ++i) {
        const OptionSpec& spec = type_.options[i];
        if (spec.need != Need::kOption || !config::same_keyword(spec.name, option.name)) continue;
        if (given_options_[i]) {
            error(option.name_span, compose("option '{}' is given twice", spec.name.str()));
            return;
        }
        given_options_[i] = true;
        if (!option.value.segments.empty() || option.value.quoted) {
            step_.given.push_back({i, option.value});
        }
        return;
    }
    unknown_option(option);
}

void Binder::unknown_option(const config::OptionToken& option) {
    std::vector<std::string_view> names;
    for (const OptionSpec& spec : type_.options) {
        if (spec.need == Need::kOption) names.push_back(spec.name);
    }
    for (const OptionSpec& spec : common_options()) names.push_back(spec.name);
    std::string hint = config::did_you_mean_hint(option.name, names);
    if (hint.empty()) {
        hint = "options here are";
        for (const std::string_view name : names)
            hint += (name == names[0] ? " " : ", ") + std::string(name);
        hint += "; quotes make a plain word of it";
    }
    error(option.name_span,
          compose("'{}' has no option {}", type_.keyword.str(), config::quoted(option.name)),
          std::move(hint));
}

bool Binder::take_common(const config::OptionToken& option) {
    const std::span<const OptionSpec> table = common_options();
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (!config::same_keyword(table[i].name, option.name)) continue;
        if (given_common_[i]) {
            error(option.name_span, compose("option '{}' is given twice", table[i].name.str()));
            return true;
        }
        given_common_[i] = true;
        if (!option.value.is_literal()) {
            error(option.value.span,
                  compose("'{}' must be known before the boot", table[i].name.str()),
                  "write the value itself, without '${'");
        } else if (!option.value.segments.empty() || option.value.quoted) {
            set_common(i, option.value);
        }
        return true;
    }
    return false;
}

// By the places in common_options().
void Binder::set_common(std::size_t index, const config::Word& value) {
    switch (index) {
        case 0: set_timeout(value); break;
        case 1:
            step_.on_failure = parse_policy(value.text());
            if (!step_.on_failure) {
                error(value.span, "unknown policy " + config::quoted(value.text()),
                      "policies are rescue, reboot, poweroff, halt and continue");
            }
            break;
        case 2: set_retries(value); break;
        default: {
            Condition condition;
            if (parse_condition(value, condition, diagnostics_)) {
                step_.when = std::move(condition);
            } else {
                entry_.sound = false;
            }
        }
    }
}

void Binder::set_timeout(const config::Word& value) {
    const Result<Duration> timeout = config::parse_duration(value.text());
    if (!timeout) return error(value.span, timeout.error());
    if (timeout->count() == 0) {
        return error(value.span, "a timeout of 0 leaves the stage no time",
                     "write 'forever' for no bound");
    }
    step_.timeout = *timeout;
    entry_.own_timeout = true;
}

void Binder::set_retries(const config::Word& value) {
    const Result<std::uint64_t> retries = config::parse_number(value.text());
    if (!retries) return error(value.span, retries.error());
    if (*retries > kMaxRetries) {
        return error(value.span, compose("more than {} retries", std::to_string(kMaxRetries)),
                     "a longer timeout= may be what is meant");
    }
    step_.retries = static_cast<unsigned>(*retries);
}

void Binder::check_yield() {
    if (!type_.yields || !step_.yields.empty() || bad_arrow_) return;
    error(step_.line, compose("'{}' does nothing without '-> NAME'", type_.keyword.str()),
          "name the device, so that later lines can use it");
}

}  // namespace

void bind_step(const config::Line& line, Entry& entry, config::Diagnostics& diagnostics) {
    Binder(line, entry, diagnostics).run();
}

}  // namespace prologue::planning
