// SPDX-License-Identifier: MIT
// `set` lines, and the words of the kernel command line that replace them.
#include <algorithm>

#include "board/board.h"
#include "config/scalar.h"
#include "init/base/compose.h"
#include "init/planner.h"

namespace prologue::planning {
namespace {

// What a setting's reader needs besides the words.
struct Target {
    Settings& settings;
    config::Diagnostics& diagnostics;
};
using Words = std::vector<config::Word>;

bool read_duration(const config::Word& word, Target& target, Duration& duration) {
    const Result<Duration> parsed = config::parse_duration(word.text());
    if (!parsed) {
        report(parsed.error(), word.span, target.diagnostics);
        return false;
    }
    duration = *parsed;
    return true;
}

void set_timeout(const Words& words, Target& target) {
    read_default_timeout(words[0], target.settings, target.diagnostics);
}

void set_on_failure(const Words& words, Target& target) {
    read_default_policy(words[0], target.settings, target.diagnostics);
}

void set_failure_delay(const Words& words, Target& target) {
    (void)read_duration(words[0], target, target.settings.failure_delay);
}

void set_rescue_timeout(const Words& words, Target& target) {
    (void)read_duration(words[0], target, target.settings.rescue_timeout);
}

// crypt(5): "$5$" is SHA-256 with 43 characters of hash, "$6$" SHA-512 with 86. Older methods are
// too weak to stand in an image that anybody can read.
bool is_password_hash(std::string_view text) {
    const std::size_t length = text.starts_with("$5$") ? 43 : 86;
    if (!text.starts_with("$5$") && !text.starts_with("$6$")) return false;
    const std::size_t last = text.rfind('$');
    if (last < 4 || text.size() - last - 1 != length) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '$' || c == '=';
    });
}

void set_rescue(const Words& words, Target& target) {
    constexpr std::string_view kPassword = "password:";
    const std::string text = words[0].text();
    if (text == "open") {
        target.settings.rescue = RescuePolicy::kOpen;
    } else if (text == "locked") {
        target.settings.rescue = RescuePolicy::kLocked;
    } else if (text.starts_with(kPassword)) {
        target.settings.rescue = RescuePolicy::kPassword;
        target.settings.rescue_hash = text.substr(kPassword.size());
        if (is_password_hash(target.settings.rescue_hash)) return;
        target.settings.rescue_hash.clear();
        target.diagnostics.error(words[0].span, "this is no hash of a password",
                                 "'openssl passwd -6' makes one: it begins with $6$ (or $5$)");
    } else {
        // What was meant is not known, but a mistake must not leave the shell open.
        target.settings.rescue = RescuePolicy::kPassword;
        target.diagnostics.error(words[0].span,
                                 config::quoted(text) + " is no way to guard the rescue shell",
                                 "write 'open', 'password:HASH' or 'locked'");
    }
}

void add_consoles(const Words& words, Target& target, std::vector<std::string>& list) {
    for (const config::Word& word : words) {
        const Result<> checked = check_value(ValueKind::kTerminal, word.text());
        if (checked) list.push_back(terminal_name(word.text()));
        if (!checked) report(checked.error(), word.span, target.diagnostics);
    }
}

void set_console(const Words& words, Target& target) {
    add_consoles(words, target, target.settings.consoles);
}

void set_prompt_consoles(const Words& words, Target& target) {
    add_consoles(words, target, target.settings.prompt_consoles);
}

void set_board(const Words& words, Target& target) {
    target.settings.board = words[0].text();
    if (find_board(target.settings.board) != nullptr) return;
    target.diagnostics.error(words[0].span,
                             "unknown board " + config::quoted(target.settings.board),
                             hint_for_unknown_board(target.settings.board));
    target.settings.board.clear();
}

void set_cmdline_allow(const Words& words, Target& target) {
    target.settings.cmdline_allow.clear();
    for (const config::Word& word : words) {
        if (word.text().find('=') != std::string::npos) {
            target.diagnostics.error(word.span, config::quoted(word.text()) + " has a value",
                                     "name the word alone, without '='");
        }
        target.settings.cmdline_allow.push_back(word.text());
    }
}

void set_watchdog(const Words& words, Target& target) {
    WatchdogSettings settings;
    if (!read_duration(words[0], target, settings.timeout)) return;
    // The kernel counts it in seconds.
    if (settings.timeout < std::chrono::seconds(1) || settings.timeout == kForever)
        target.diagnostics.error(words[0].span, "a watchdog counts at least 1s, and not forever",
                                 "write 'set watchdog 60s', say");
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string text = words[i].text();
        settings.keep = text != "handover=stop";
        if (text == "handover=keep" || text == "handover=stop") continue;
        target.diagnostics.error(words[i].span,
                                 config::quoted(text) + " says nothing about a watchdog",
                                 "write 'handover=keep' or 'handover=stop'");
    }
    if (words.size() > 2)
        target.diagnostics.error(words[2].span,
                                 "one word too many: " + config::quoted(words[2].text()),
                                 "keep one 'handover='");
    target.settings.watchdog = settings;
}

struct Setting {
    std::string_view key;
    bool many;  // takes more than one word
    void (*read)(const Words& words, Target& target);
    std::string_view example;
};
constexpr Setting kSettings[] = {
    {"timeout", false, set_timeout, "30s"},
    {"on-failure", false, set_on_failure, "reboot"},
    {"failure-delay", false, set_failure_delay, "10s"},
    {"rescue", false, set_rescue, "open"},
    {"rescue-timeout", false, set_rescue_timeout, "5min"},
    {"prompt-consoles", true, set_prompt_consoles, "tty0"},
    {"watchdog", true, set_watchdog, "60s"},
    {"console", true, set_console, "ttyS0"},
    {"board", false, set_board, "generic"},
    {"cmdline-allow", true, set_cmdline_allow, "quiet"},
};

std::string example_of(const Setting& setting) {
    return compose("write 'set {} {}', say", std::string(setting.key),
                   std::string(setting.example));
}

const Setting* find_setting(std::string_view key) {
    for (const Setting& setting : kSettings) {
        if (config::same_keyword(setting.key, key)) return &setting;
    }
    return nullptr;
}

}  // namespace

bool SettingReader::take_words(const config::Line& line, Words& words) {
    for (const config::Token& token : line.tokens) {
        if (token.kind == config::Token::Kind::kOption && words.empty()) {
            diagnostics_.error(token.span, "'set' takes words, no option",
                               compose("write 'set {} VALUE'", token.option.name));
            return false;
        }
        if (token.kind == config::Token::Kind::kArrow) {
            diagnostics_.error(token.span, "'set' yields no device, so it takes no '->'");
            return false;
        }
        const bool option = token.kind == config::Token::Kind::kOption;
        const config::Word& word = option ? token.as_word : token.word;
        if (!word.is_literal()) {
            diagnostics_.error(token.span, "a setting must be known before the boot",
                               "write the value itself, without '${'");
            return false;
        }
        words.push_back(word);
    }
    if (words.empty()) {
        diagnostics_.error(line.span, "'set' names no setting", "write 'set timeout 30s', say");
    }
    return !words.empty();
}

void SettingReader::read(const config::Line& line) {
    Words words;
    if (!take_words(line, words)) return;
    const config::Word key = std::move(words.front());
    words.erase(words.begin());
    const Setting* setting = find_setting(key.text());
    if (setting == nullptr) {
        std::string hint = config::did_you_mean_hint(key.text(), setting_names());
        if (hint.empty()) hint = "prologue.conf(5) lists the settings";
        diagnostics_.error(key.span, "unknown setting " + config::quoted(key.text()),
                           std::move(hint));
        return;
    }
    if (const config::Span* place = place_of_setting(setting->key)) {
        diagnostics_.error(
            key.span,
            compose("'{}' is set already, in {}", std::string(setting->key), place_of(*place)),
            "keep one of the two lines");
        return;
    }
    seen_.push_back({setting->key, line.span});
    if (words.empty()) {
        diagnostics_.error(key.span, compose("'{}' is set to nothing", std::string(setting->key)),
                           example_of(*setting));
        return;
    }
    if (!setting->many && words.size() > 1) {
        diagnostics_.error(words[1].span, "one word too many: " + config::quoted(words[1].text()),
                           example_of(*setting));
    }
    Target target{settings_, diagnostics_};
    setting->read(words, target);
}

const config::Span* SettingReader::place_of_setting(std::string_view key) const {
    for (const Seen& one : seen_) {
        if (one.key == key) return &one.span;
    }
    return nullptr;
}

}  // namespace prologue::planning

namespace prologue {

std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    for (const planning::Setting& setting : planning::kSettings) names.push_back(setting.key);
    return names;
}

}  // namespace prologue
