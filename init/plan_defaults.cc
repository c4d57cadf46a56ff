// SPDX-License-Identifier: MIT
// Bounds and policies for the whole file: how they are read, what a locked image leaves of them,
// and the words of the kernel command line that replace them.
#include <algorithm>

#include "config/scalar.h"
#include "init/base/compose.h"
#include "init/planner.h"

namespace prologue::planning {

std::optional<OnFailure> parse_policy(std::string_view text) {
    for (const OnFailure policy : {OnFailure::kRescue, OnFailure::kReboot, OnFailure::kPowerOff,
                                   OnFailure::kHalt, OnFailure::kContinue}) {
        if (text == name_of(policy)) return policy;
    }
    return std::nullopt;
}

OnFailure locked_policy(OnFailure policy, const config::Span& span, const World& world,
                        config::Diagnostics& diagnostics) {
    if (policy == OnFailure::kReboot || policy == OnFailure::kPowerOff) return policy;
    if (!world.on_target) {
        diagnostics.error(
            span, compose("a locked image has no policy '{}'", std::string(name_of(policy))),
            "write 'reboot' or 'poweroff'");
    }
    return OnFailure::kReboot;
}

// `continue` is no default: a boot that fails everywhere would still go on to its end.
void read_default_policy(const config::Word& word, Settings& settings,
                         config::Diagnostics& diagnostics) {
    const std::optional<OnFailure> policy = parse_policy(word.text());
    if (!policy) {
        diagnostics.error(word.span, "unknown policy " + config::quoted(word.text()),
                          "policies are rescue, reboot, poweroff and halt");
    } else if (*policy == OnFailure::kContinue) {
        diagnostics.error(word.span, "'continue' is no policy for the whole file",
                          "write 'on-failure=continue' on the lines that may fail");
    } else {
        settings.on_failure = *policy;
    }
}

void read_default_timeout(const config::Word& word, Settings& settings,
                          config::Diagnostics& diagnostics) {
    const Result<Duration> timeout = config::parse_duration(word.text());
    if (!timeout) {
        report(timeout.error(), word.span, diagnostics);
    } else if (timeout->count() == 0) {
        diagnostics.error(word.span, "a timeout of 0 leaves the stages no time",
                          "write 'forever' for no bound");
    } else {
        settings.timeout = *timeout;
    }
}

namespace {

constexpr Duration kMaxPanicDelay{24 * 60 * 60 * 1000};

// panic=N as the kernel means it: seconds, 0 waits for ever, a negative one does not wait at all.
void apply_panic(const config::Parameter& parameter, Settings& settings) {
    if (!parameter.value) return;
    std::string_view digits = *parameter.value;
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const Result<std::uint64_t> seconds = config::parse_number(digits);
    if (!seconds) return;  // the kernel ignores it too
    if (negative) {
        settings.failure_delay = Duration(0);
    } else if (*seconds == 0) {
        settings.failure_delay = kForever;
    } else if (*seconds > static_cast<std::uint64_t>(kMaxPanicDelay.count() / 1000)) {
        settings.failure_delay = kMaxPanicDelay;
    } else {
        settings.failure_delay = Duration(static_cast<Duration::rep>(*seconds * 1000));
    }
}

constexpr std::string_view kPrefix = "prologue.";

// The prologue.* words of the command line; prologue.debug-exit is the board's (board/qemu).
constexpr std::string_view kKnownWords[] = {
    "prologue.config", "prologue.timeout", "prologue.on-failure", "prologue.log",
    "prologue.rescue", "prologue.break",   "prologue.debug-exit",
};

// Places of words in the text of the command line.
class WordText {
  public:
    explicit WordText(const config::Source& source) : source_(source) {}
    [[nodiscard]] config::Word value_of(const config::Parameter& parameter) const {
        const std::string value = parameter.value.value_or("");
        config::Span span = span_of(parameter);
        // Behind the '=', and a quote that may stand there.
        const std::string_view word =
            std::string_view(source_.text).substr(span.offset, span.length);
        const std::size_t at = value.empty() ? std::string_view::npos : word.rfind(value);
        if (at != std::string_view::npos) {
            span.offset += static_cast<std::uint32_t>(at);
            span.length = static_cast<std::uint32_t>(value.size());
        }
        return config::Word::literal(value, span);
    }
    // Of the name, without the value.
    [[nodiscard]] config::Span name_of(const config::Parameter& parameter) const {
        config::Span span = span_of(parameter);
        span.length = std::min(span.length, static_cast<std::uint32_t>(parameter.name.size()));
        return span;
    }

  private:
    [[nodiscard]] config::Span span_of(const config::Parameter& parameter) const {
        return {&source_, parameter.offset, parameter.length};
    }
    const config::Source& source_;
};

// A mistyped word would else be one that silently does nothing.
void check_known(const config::Parameter& parameter, const WordText& text,
                 config::Diagnostics& diagnostics) {
    if (!parameter.name.starts_with(kPrefix)) return;
    const std::vector<std::string_view> names(std::begin(kKnownWords), std::end(kKnownWords));
    if (std::find(names.begin(), names.end(), parameter.name) != names.end()) return;
    std::string hint = config::did_you_mean_hint(parameter.name, names);
    if (hint.empty()) hint = "prologue(8) lists the words";
    diagnostics.warning(text.name_of(parameter), "unknown word " + config::quoted(parameter.name),
                        std::move(hint));
}

void apply_log(const config::Parameter& parameter, const WordText& text, Plan& plan) {
    plan.settings.debug = parameter.value == "debug";
    if (plan.settings.debug) return;
    const config::Word word = text.value_of(parameter);
    plan.diagnostics.warning(word.span, config::quoted(word.text()) + " is no way to log",
                             "write 'prologue.log=debug'");
}

}  // namespace

std::optional<config::Word> apply_command_line(const World& world, Plan& plan) {
    const config::CommandLine* words = world.built_in_words;
    if (words == nullptr) return std::nullopt;
    if (const config::Parameter* panic = words->last("panic")) {
        apply_panic(*panic, plan.settings);
    }
    auto source = std::make_unique<config::Source>();
    source->name = "kernel command line";
    source->text = words->text();
    const WordText text(*source);
    if (const config::Parameter* timeout = words->last("prologue.timeout")) {
        read_default_timeout(text.value_of(*timeout), plan.settings, plan.diagnostics);
    }
    if (const config::Parameter* log = words->last("prologue.log")) apply_log(*log, text, plan);
    for (const config::Parameter& parameter : words->parameters()) {
        check_known(parameter, text, plan.diagnostics);
    }
    if (const config::Parameter* policy = words->last("prologue.on-failure")) {
        const config::Word word = text.value_of(*policy);
        // A locked image without a shell stays so, whoever may write the command line.
        if (!world.locked) read_default_policy(word, plan.settings, plan.diagnostics);
    }
    std::optional<config::Word> place;
    if (const config::Parameter* parameter = words->last("prologue.break")) {
        // Nor is there a place in a locked boot at which a shell could open.
        if (!world.locked) place = text.value_of(*parameter);
    }
    plan.command_line_source = std::move(source);
    return place;
}

}  // namespace prologue::planning
