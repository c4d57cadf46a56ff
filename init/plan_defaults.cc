// SPDX-License-Identifier: MIT
// Bounds and policies for the whole file: how they are read, what a locked image leaves of them,
// and the words of the kernel command line that replace them.
#include "config/scalar.h"
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
        diagnostics.error(span,
                          "a locked image has no policy '" + std::string(name_of(policy)) + "'",
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

// The prologue.* words that this file reads, as a text that diagnostics can point into.
config::Word as_word(const config::Parameter& parameter, config::Source& source) {
    if (!source.text.empty()) source.text += ' ';
    source.text += parameter.name + "=";
    const std::string value = parameter.value.value_or("");
    const config::Span span{&source, static_cast<std::uint32_t>(source.text.size()),
                            static_cast<std::uint32_t>(value.size())};
    source.text += value;
    return config::Word::literal(value, span);
}

}  // namespace

void apply_command_line(const World& world, Plan& plan) {
    const config::CommandLine* words = world.built_in_words;
    if (words == nullptr) return;
    if (const config::Parameter* panic = words->last("panic")) {
        apply_panic(*panic, plan.settings);
    }
    auto source = std::make_unique<config::Source>();
    source->name = "kernel command line";
    if (const config::Parameter* timeout = words->last("prologue.timeout")) {
        read_default_timeout(as_word(*timeout, *source), plan.settings, plan.diagnostics);
    }
    if (const config::Parameter* policy = words->last("prologue.on-failure")) {
        const config::Word word = as_word(*policy, *source);
        // A locked image without a shell stays so, whoever may write the command line.
        if (!world.locked) read_default_policy(word, plan.settings, plan.diagnostics);
    }
    if (!source->text.empty()) plan.command_line_source = std::move(source);
}

}  // namespace prologue::planning
