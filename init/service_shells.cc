// SPDX-License-Identifier: MIT
#include "init/service_shells.h"

#include "init/rescue/session.h"

namespace prologue {
namespace {

constexpr Literal kPrompt = "[minroot] $ ";
constexpr Literal kGreeting = "'help' lists the commands\n";

}  // namespace

ServiceShells::ServiceShells(const rescue::DeskParts& parts, char* const* environment)
    : parts_(parts),
      environment_(environment),
      shells_(parts.sys, parts.supervisor),
      desk_(parts, shells_) {}

Result<pid_t> ServiceShells::start(const std::string& terminal) {
    const Settings& settings = parts_.plan.settings;
    if (!rescue::may_open(settings))
        return fail(Error::refused("service", "shell", "it is closed by 'set rescue'"));
    rescue::ShellSetup setup =
        rescue::setup_of_shell(settings, parts_.values, parts_.board, environment_);
    setup.prompt = kPrompt.str();
    setup.terminal = "/dev/" + terminal;
    setup.greeting = kGreeting.str();
    const rescue::ShellLink* link = TRY(shells_.start(std::move(setup)));
    return link->pid;
}

std::optional<rescue::Wish> ServiceShells::answer(rescue::ShellLink& link) {
    rescue::Wish wish = desk_.answer(link);
    switch (wish.kind) {
        case rescue::Wish::Kind::kNothing: break;
        case rescue::Wish::Kind::kContinue:
            // It is a service: another one follows.
            shells_.dismiss(link, "");
            link.line.reset();
            link.in_work = false;
            return std::nullopt;
        case rescue::Wish::Kind::kRetry:
        case rescue::Wish::Kind::kSkip: shells_.show(link, "error: no line has failed\n"); break;
        default: return wish;
    }
    shells_.finish(link);
    return std::nullopt;
}

std::optional<rescue::Wish> ServiceShells::answer() {
    // Not by an iterator: a shell that ends meanwhile is followed by another one in the list.
    for (std::size_t i = 0; i < shells_.all().size(); ++i) {
        rescue::ShellLink& link = *shells_.all()[i];
        if (link.wrong_passwords >= rescue::kMostWrongPasswords) {
            // The next one comes after a pause, which grows.
            parts_.log.write(LogLevel::kWarning, "three wrong passwords at the shell");
            link.wrong_passwords = 0;
            shells_.dismiss(link, "");
        }
        if (!link.line) continue;
        std::optional<rescue::Wish> wish = answer(link);
        if (wish) return wish;
    }
    shells_.forget_ended();
    return std::nullopt;
}

}  // namespace prologue
