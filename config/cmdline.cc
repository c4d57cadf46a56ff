// SPDX-License-Identifier: MIT
#include "config/cmdline.h"

#include <algorithm>

namespace prologue::config {
namespace {

// The kernel's isspace() is true for byte 0xA0 too, which is the second half of many letters in
// UTF-8 ("LABEL=voilà"). We read what the user meant.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// next_arg() of lib/cmdline.c. A quote that opens the word is dropped; one at its end, or around
// the value, only if the value or the word began with one. Quotes anywhere else only group and
// stay.
Parameter next_parameter(std::string_view text, std::size_t& pos) {
    const bool quoted = text[pos] == '"';
    bool in_quote = quoted;
    if (quoted) ++pos;
    const std::size_t start = pos;
    std::size_t equals = 0;  // 0 = none: the kernel takes a leading '=' as part of the name
    for (; pos < text.size() && (in_quote || !is_space(text[pos])); ++pos) {
        if (equals == 0 && text[pos] == '=') equals = pos - start;
        if (text[pos] == '"') in_quote = !in_quote;
    }
    std::string_view word = text.substr(start, pos - start);
    Parameter parameter;
    bool closed = !word.empty() && word.back() == '"';
    if (equals != 0) {
        std::string_view value = word.substr(equals + 1);
        if (!value.empty() && value.front() == '"') {
            value.remove_prefix(1);
            if (closed && !value.empty()) value.remove_suffix(1);
            closed = false;
        }
        if (quoted && closed && !value.empty()) value.remove_suffix(1);
        parameter.name = word.substr(0, equals);
        parameter.value = std::string(value);
        return parameter;
    }
    if (quoted && closed) word.remove_suffix(1);
    parameter.name = word;
    return parameter;
}

}  // namespace

CommandLine CommandLine::parse(std::string_view text) {
    CommandLine result;
    result.text_ = text;
    while (result.text_.ends_with('\n')) result.text_.pop_back();
    bool for_init = false;
    for (std::size_t pos = 0; pos < text.size();) {
        if (is_space(text[pos])) {
            ++pos;
            continue;
        }
        const std::size_t start = pos;
        Parameter parameter = next_parameter(text, pos);
        parameter.offset = static_cast<std::uint32_t>(start);
        parameter.length = static_cast<std::uint32_t>(pos - start);
        if (for_init) {
            // set_init_arg() puts the '=' back, without the quotes.
            std::string word = std::move(parameter.name);
            if (parameter.value) word += "=" + *parameter.value;
            result.init_arguments_.push_back(std::move(word));
        } else if (!parameter.value && parameter.name == "--") {
            for_init = true;
        } else {
            result.parameters_.push_back(std::move(parameter));
        }
    }
    return result;
}

const Parameter* CommandLine::last(Text name) const {
    const auto found = std::find_if(parameters_.rbegin(), parameters_.rend(),
                                    [&](const Parameter& one) { return one.name == name.view(); });
    return found == parameters_.rend() ? nullptr : &*found;
}

std::vector<std::string> CommandLine::all(Text name) const {
    std::vector<std::string> values;
    for (const Parameter& parameter : parameters_) {
        if (parameter.name == name.view()) values.push_back(parameter.value.value_or("1"));
    }
    return values;
}

// kstrtobool(): only the first letters count.
bool CommandLine::flag(Text name) const {
    const Parameter* parameter = last(name);
    if (parameter == nullptr) return false;
    if (!parameter->value) return true;
    const std::string_view value = *parameter->value;
    if (value.empty()) return false;
    if (value[0] == 'o' || value[0] == 'O') return value.size() > 1 && (value[1] | 0x20) == 'n';
    return value[0] == '1' || (value[0] | 0x20) == 'y' || (value[0] | 0x20) == 't';
}

// The words behind "--" go too: they steer the init ("single").
CommandLine CommandLine::restricted_to(const std::vector<std::string>& allowed) const {
    CommandLine result;
    result.restricted_ = true;
    result.text_ = text_;
    for (const Parameter& parameter : parameters_) {
        const bool keep =
            std::find(allowed.begin(), allowed.end(), parameter.name) != allowed.end();
        if (keep) result.parameters_.push_back(parameter);
    }
    return result;
}

}  // namespace prologue::config
