// SPDX-License-Identifier: MIT
// The one place that says what a word of each kind may be.
#include <algorithm>

#include "config/scalar.h"
#include "init/base/compose.h"
#include "stages/stage.h"

namespace prologue {
namespace {

constexpr std::size_t kMaxPath = 4095;  // PATH_MAX with its NUL

constexpr OptionSpec kCommonOptions[] = {
    {"timeout", ValueKind::kDuration, Need::kOption, "the stage's bound: 250ms, 10s, 2min, forever",
     "30s"},
    {"on-failure", ValueKind::kText, Need::kOption,
     "what follows a failure: rescue, reboot, poweroff, halt, continue", "rescue"},
    {"retries", ValueKind::kNumber, Need::kOption, "how often a failed stage is tried again", "0"},
    {"when", ValueKind::kText, Need::kOption,
     "run it only when [!]cmdline:WORD[=VALUE], board:NAME or exists:PATH holds", ""},
};

Unexpected wrong(Text message, Text hint = {}) {
    return fail(Error::config(message).with_hint(hint));
}

bool has_parent_component(std::string_view path) {
    for (std::size_t at = path.find(".."); at != std::string_view::npos;
         at = path.find("..", at + 1)) {
        const bool starts = at == 0 || path[at - 1] == '/';
        const bool ends = at + 2 == path.size() || path[at + 2] == '/';
        if (starts && ends) return true;
    }
    return false;
}

Result<> check_path(std::string_view text) {
    if (text.empty()) return wrong("the path is empty");
    if (text.front() != '/') {
        return wrong(compose("path {} is not absolute", config::quoted(text)),
                     "a path starts with '/'");
    }
    if (has_parent_component(text)) {
        return wrong(compose("path {} goes up with '..'", config::quoted(text)),
                     "write the path that is meant");
    }
    if (text.size() > kMaxPath || text.find('\0') != std::string_view::npos) {
        return wrong(compose("path {} is too long", config::quoted(text)));
    }
    return {};
}

Result<> check_program(std::string_view text) {
    if (text == "shell") return {};
    Result<> checked = check_path(text);
    if (!checked && !text.starts_with('/')) {
        checked.error()->hint += "; the built-in shell is the word 'shell'";
    }
    return checked;
}

Result<> check_terminal(std::string_view text) {
    constexpr std::string_view kDirectory = "/dev/";
    std::string_view name = text;
    if (name.starts_with(kDirectory)) name.remove_prefix(kDirectory.size());
    const bool good = !name.empty() && name[0] != '/' && name.size() < 64 &&
                      !has_parent_component(name) &&
                      std::all_of(name.begin(), name.end(), [](char c) {
                          return config::is_valid_name(std::string_view(&c, 1)) || c == '/';
                      });
    if (good) return {};
    return wrong(config::quoted(text) + " is no terminal",
                 "write its name as in console=: 'ttyS0'");
}

Result<> check_device(std::string_view text) {
    if (text.empty()) return wrong("the device is empty");
    const Result<DeviceSpec> spec = parse_device_spec(text);
    if (!spec) return fail(spec.error());
    return {};
}

Result<> check_mountable(std::string_view text) {
    if (is_deviceless_type(text)) return {};
    if (text.starts_with('/') && !text.starts_with("/dev/")) return check_path(text);
    const std::size_t colon = text.find(":/");
    if (colon != std::string_view::npos && colon > 0 && !looks_like_device_spec(text)) {
        return {};  // host:/path
    }
    Result<> checked = check_device(text);
    if (!checked && !looks_like_device_spec(text) && !text.empty()) {
        checked.error()->hint +=
            "; without a device it is a filesystem type, or type= of a network filesystem says so";
    }
    return checked;
}

// An alias has a ':' ("pci:v00001AF4…"); what it looks like otherwise is the kernel's affair.
Result<> check_module(std::string_view text) {
    if (text.empty()) return wrong("the module name is empty");
    if (text.find(':') != std::string_view::npos) return {};
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (name.find('/') != std::string_view::npos || name.ends_with(".ko") ||
        name.find(".ko.") != std::string_view::npos) {
        return wrong(config::quoted(text) + " is a file, not a module name",
                     "write the name alone, without path and '.ko'");
    }
    const std::size_t dot = name.find('.');
    const bool parameter = dot != std::string_view::npos && dot > 0 && dot + 1 < name.size();
    if ((equals == std::string_view::npos) != (dot == std::string_view::npos) ||
        (equals != std::string_view::npos && !parameter)) {
        return wrong(config::quoted(text) + " is neither a module name nor a parameter of one",
                     "write NAME, or NAME.key=value for a parameter");
    }
    return {};
}

template <class T>
Result<> only_check(const Result<T>& parsed) {
    if (!parsed) return fail(parsed.error());
    return {};
}

}  // namespace

std::span<const OptionSpec> common_options() {
    return kCommonOptions;
}

bool may_be_name(ValueKind kind, std::string_view text) {
    if (kind != ValueKind::kDevice && kind != ValueKind::kMountable) return false;
    if (looks_like_device_spec(text) || !config::is_valid_name(text)) return false;
    return kind == ValueKind::kDevice || !is_deviceless_type(text);
}

bool takes_any_source(const Step& step) {
    for (const Given& one : step.given) {
        if (step.type->options[one.index].name.view() != "type") continue;
        const std::string type = one.word.text();
        return !one.word.is_literal() || takes_verbatim_source(type) || is_deviceless_type(type);
    }
    return false;
}

Result<> check_value(ValueKind kind, std::string_view text) {
    switch (kind) {
        case ValueKind::kText: return {};
        case ValueKind::kPath: return check_path(text);
        case ValueKind::kDevice: return check_device(text);
        case ValueKind::kMountable: return check_mountable(text);
        case ValueKind::kModule: return check_module(text);
        case ValueKind::kBoolean: return only_check(config::parse_boolean(text));
        case ValueKind::kNumber: return only_check(config::parse_number(text));
        case ValueKind::kSize: return only_check(config::parse_size(text));
        case ValueKind::kProgram: return check_program(text);
        case ValueKind::kTerminal: return check_terminal(text);
        case ValueKind::kDuration: return only_check(config::parse_duration(text));
    }
    return {};
}

}  // namespace prologue
