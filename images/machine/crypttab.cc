// SPDX-License-Identifier: MIT
#include "images/machine/crypttab.h"

#include <algorithm>

#include "config/scalar.h"
#include "init/base/literal.h"
#include "init/base/split.h"
#include "stages/device_spec.h"

namespace prologue::images {
namespace {

constexpr std::string_view kBlanks = " \t\r";

enum class Meaning : std::uint8_t {
    kValue,       // the same word, or another one, with the same value
    kTries,       // 0 is "for ever"
    kDuration,    // of systemd: a number without a unit is seconds
    kDiscard,     // a flag
    kHeader,      // a path
    kNothing,     // says nothing to a boot, or what `decrypt` does anyway
    kOnlyFaster,  // the disk opens without it
};

struct Word {
    Literal name;
    Meaning meaning;
    Literal ours = "";         // empty: the same
    bool for_prompt = true;    // it counts when a passphrase is asked for
    bool for_key_file = true;  // and when there is a key file
};

// clang-format off
constexpr Word kWords[] = {
    {"tries",                 Meaning::kTries,      "",             true,  false},
    {"timeout",               Meaning::kDuration,   "",             true,  false},
    {"keyfile-offset",        Meaning::kValue,      "",             false, true},
    {"keyfile-size",          Meaning::kValue,      "",             false, true},
    {"key-slot",              Meaning::kValue,      ""},
    {"keyslot",               Meaning::kValue,      "key-slot"},
    {"discard",               Meaning::kDiscard,    ""},
    {"allow-discards",        Meaning::kDiscard,    ""},
    {"header",                Meaning::kHeader,     ""},
    // The header says it, or the line is for LUKS anyway.
    {"luks",                  Meaning::kNothing}, {"cipher", Meaning::kNothing},
    {"hash",                  Meaning::kNothing}, {"size",   Meaning::kNothing},
    // Of the programs that read this file.
    {"initramfs",             Meaning::kNothing}, {"x-initrd.attach", Meaning::kNothing},
    {"auto",                  Meaning::kNothing}, {"noauto",          Meaning::kNothing},
    {"nofail",                Meaning::kNothing}, {"noearly",         Meaning::kNothing},
    {"loud",                  Meaning::kNothing}, {"quiet",           Meaning::kNothing},
    {"check",                 Meaning::kNothing}, {"checkargs",       Meaning::kNothing},
    {"password-echo",         Meaning::kNothing}, {"none",            Meaning::kNothing},
    {"defaults",              Meaning::kNothing}, {"password-cache",  Meaning::kNothing},
    {"no-read-workqueue",     Meaning::kOnlyFaster},
    {"no-write-workqueue",    Meaning::kOnlyFaster},
    {"same-cpu-crypt",        Meaning::kOnlyFaster},
    {"submit-from-crypt-cpus", Meaning::kOnlyFaster},
};
// clang-format on

constexpr const char* kByHand =
    "write the 'decrypt' line by hand, key=prompt asks for a passphrase; or take this out of the "
    "file";

CrypttabField take_field(const config::Source& source, std::size_t& at, std::size_t end) {
    const std::string_view text(source.text);
    while (at < end && kBlanks.find(text[at]) != std::string_view::npos) ++at;
    const std::size_t start = at;
    while (at < end && kBlanks.find(text[at]) == std::string_view::npos) ++at;
    return {std::string(text.substr(start, at - start)),
            {&source, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(at - start)}};
}

void refuse(const config::Span& span, const std::string& what, config::Diagnostics& diagnostics) {
    diagnostics.error(span, what, kByHand);
}

void add_word(std::string_view name, const std::string& value, Unlocking& unlocking) {
    if (!unlocking.options.empty()) unlocking.options += ' ';
    unlocking.options.append(name).append("=").append(value);
}

// "90" and "0", which is for ever; "90s", "2min" are written alike.
std::string duration_of(const std::string& value) {
    if (value == "0") return "forever";
    if (config::parse_number(value)) return value + "s";
    return config::parse_duration(value) ? value : "";
}

constexpr std::uint64_t kMostTries = 100;  // of `decrypt`

// False for a value that `decrypt` cannot take.
bool add_value(const Word& word, const std::string& value, Unlocking& unlocking) {
    const std::string_view name = word.ours.empty() ? word.name.view() : word.ours.view();
    if (word.meaning == Meaning::kHeader) {
        unlocking.header = value;
        return value.starts_with('/') && value.find(':') == std::string::npos;
    }
    if (word.meaning == Meaning::kDuration) {
        const std::string duration = duration_of(value);
        if (!duration.empty()) add_word(name, duration, unlocking);
        return !duration.empty();
    }
    const Result<std::uint64_t> number = config::parse_number(value);
    if (!number) return false;
    const bool is_endless =
        word.meaning == Meaning::kTries && (*number == 0 || *number > kMostTries);
    add_word(name, is_endless ? std::to_string(kMostTries) : value, unlocking);
    return true;
}

void read_option(const std::string& text, const config::Span& span, Unlocking& unlocking,
                 config::Diagnostics& diagnostics) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view name = std::string_view(text).substr(0, equals);
    const std::string value = equals < text.size() ? text.substr(equals + 1) : "";
    if (name.empty() || name.starts_with("x-systemd.")) return;
    const Word* const word = std::find_if(std::begin(kWords), std::end(kWords),
                                          [&](const Word& one) { return one.name == name; });
    if (word == std::end(kWords))
        return refuse(span, "'decrypt' has no word for the option " + config::quoted(text),
                      diagnostics);
    const bool counts = unlocking.key.empty() ? word->for_prompt : word->for_key_file;
    if (word->meaning == Meaning::kNothing || !counts) return;
    if (word->meaning == Meaning::kOnlyFaster) {
        diagnostics.warning(span, "the option " + config::quoted(text) + " is left out",
                            "the disk opens without it");
    } else if (word->meaning == Meaning::kDiscard) {
        if (unlocking.options.find("discard=") == std::string::npos)
            add_word("discard", "yes", unlocking);
    } else if (!add_value(*word, value, unlocking)) {
        refuse(span, "'decrypt' cannot take " + config::quoted(text), diagnostics);
    }
}

// "/path", or "/path:DEVICE" of systemd.
void read_key(const CrypttabField& field, Unlocking& unlocking, config::Diagnostics& diagnostics) {
    if (field.text.empty() || field.text == "-" || field.text == "none") return;
    const std::size_t colon = field.text.find(':');
    unlocking.key = field.text.substr(0, colon);
    if (colon != std::string::npos) unlocking.key_device = field.text.substr(colon + 1);
    const bool is_device = unlocking.key.starts_with("/dev/");
    const bool is_good = unlocking.key_device.empty() || parse_device_spec(unlocking.key_device);
    if (!unlocking.key.starts_with('/') || is_device || !is_good)
        refuse(field.span, "'decrypt' cannot take a key from " + config::quoted(field.text),
               diagnostics);
}

}  // namespace

std::vector<CrypttabLine> read_crypttab(const config::Source& source) {
    std::vector<CrypttabLine> lines;
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < source.text.size(); ++at) {
        const std::size_t end = std::min(source.text.find('\n', at), source.text.size());
        CrypttabLine line;
        line.number = ++number;
        line.name = take_field(source, at, end);
        line.device = take_field(source, at, end);
        line.key = take_field(source, at, end);
        line.options = take_field(source, at, end);
        at = end;
        if (!line.name.text.empty() && !line.name.text.starts_with('#'))
            lines.push_back(std::move(line));
    }
    return lines;
}

Unlocking read_unlocking(const CrypttabLine& line, config::Diagnostics& diagnostics) {
    Unlocking unlocking;
    if (line.device.text.empty())
        diagnostics.error(line.name.span, "the line names no device",
                          "NAME DEVICE KEYFILE OPTIONS, see crypttab(5)");
    const std::string& text = line.options.text;
    // Its "key" is a word for the script.
    if (text.find("keyscript=") == std::string::npos) read_key(line.key, unlocking, diagnostics);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const config::Span span{line.options.span.source,
                                line.options.span.offset + static_cast<std::uint32_t>(at),
                                static_cast<std::uint32_t>(end - at)};
        read_option(text.substr(at, end - at), span, unlocking, diagnostics);
        at = end;
    }
    return unlocking;
}

}  // namespace prologue::images
