// SPDX-License-Identifier: MIT
#include "images/problems.h"

#include <algorithm>
#include <cstdio>

#include "config/utf8.h"

namespace prologue::images {
namespace {

std::string_view word_of(config::Severity severity) {
    switch (severity) {
        case config::Severity::kError: return "error";
        case config::Severity::kWarning: return "warning";
        case config::Severity::kNote: return "note";
    }
    return "error";
}

constexpr std::size_t kShownNames = 3;

}  // namespace

// Names come from images and files of others: they must not steer the terminal.
std::string printable(std::string_view text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const config::Character character = config::character_at(text, at);
        const bool hidden = config::is_control(character.code_point) && text[at] != '\n';
        if (!character.valid || hidden)
            shown += '?';
        else
            shown += text.substr(at, character.length);
        at += character.length;
    }
    return shown;
}

std::string some_of(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kShownNames; ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kShownNames)
        text += " and " + std::to_string(names.size() - kShownNames) + " more";
    return text;
}

void Problems::error(std::string message, std::string hint) {
    all_.push_back({config::Severity::kError, std::move(message), std::move(hint)});
}

void Problems::warning(std::string message, std::string hint) {
    all_.push_back({config::Severity::kWarning, std::move(message), std::move(hint)});
}

void Problems::note(std::string message, std::string hint) {
    all_.push_back({config::Severity::kNote, std::move(message), std::move(hint)});
}

void Problems::error(const Error& error) {
    std::string message = describe(error);
    for (const std::string& note : error->notes) message.append("\n  ").append(note);
    all_.push_back({config::Severity::kError, std::move(message), error->hint});
}

void Problems::add(const config::Diagnostics& diagnostics) {
    for (const config::Diagnostic& one : diagnostics.sorted())
        all_.push_back({one.severity, config::render(one), {}, true});
}

bool Problems::has(config::Severity severity) const {
    return std::any_of(all_.begin(), all_.end(),
                       [=](const Problem& problem) { return problem.severity == severity; });
}

std::string Problems::text() const {
    std::string text;
    for (const Problem& problem : all_) {
        if (problem.rendered) {
            text += problem.message;
            continue;
        }
        text.append("prologue: ").append(word_of(problem.severity)).append(": ");
        text.append(printable(problem.message)).append("\n");
        if (!problem.hint.empty())
            text.append("  hint: ").append(printable(problem.hint)).append("\n");
    }
    return text;
}

void Problems::print() const {
    const std::string all = text();
    (void)std::fwrite(all.data(), 1, all.size(), stderr);
}

}  // namespace prologue::images
