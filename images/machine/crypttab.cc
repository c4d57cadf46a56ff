// SPDX-License-Identifier: MIT
#include "images/machine/crypttab.h"

#include <algorithm>
#include <span>

#include "config/scalar.h"
#include "init/base/literal.h"
#include "init/base/split.h"
#include "stages/device_spec.h"

namespace prologue::images {
namespace {

enum class Value : std::uint8_t {
    kNumber,
    kTries,     // 0 is "for ever"
    kDuration,  // of systemd: a number without a unit is seconds
    kFlag,      // none
    kPath,
};

enum class Counts : std::uint8_t { kAlways, kForPassphrase, kForKeyFile };

struct Word {
    Literal name, ours;
    Value value;
    Counts counts;
};

// clang-format off
constexpr Word kWords[] = {
    {"tries",          "tries",          Value::kTries,    Counts::kForPassphrase},
    {"timeout",        "timeout",        Value::kDuration, Counts::kForPassphrase},
    {"keyfile-offset", "keyfile-offset", Value::kNumber,   Counts::kForKeyFile},
    {"keyfile-size",   "keyfile-size",   Value::kNumber,   Counts::kForKeyFile},
    {"key-slot",       "key-slot",       Value::kNumber,   Counts::kAlways},
    {"keyslot",        "key-slot",       Value::kNumber,   Counts::kAlways},
    {"discard",        "discard",        Value::kFlag,     Counts::kAlways},
    {"allow-discards", "discard",        Value::kFlag,     Counts::kAlways},
    {"header",         "header",         Value::kPath,     Counts::kAlways},
};
// clang-format on

// What the header says anyway, and what is for the programs that read this file.
constexpr Literal kNothing[] = {
    "luks",  "cipher",    "hash",          "size",           "initramfs", "x-initrd.attach",
    "auto",  "noauto",    "nofail",        "noearly",        "loud",      "quiet",
    "check", "checkargs", "password-echo", "password-cache", "defaults",  "none"};

// The disk opens without them.
constexpr Literal kOnlyFaster[] = {"no-read-workqueue", "no-write-workqueue", "same-cpu-crypt",
                                   "submit-from-crypt-cpus"};

bool is_among(std::span<const Literal> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr const char* kByHand =
    "write the 'decrypt' line by hand, key=prompt asks for a passphrase; or take this out of the "
    "file";

// `line` is a part of the source's text.
CrypttabField next_field(const config::Source& source, std::string_view& line) {
    const std::string_view field = take_field(line);
    return {std::string(field),
            {&source, static_cast<std::uint32_t>(field.data() - source.text.data()),
             static_cast<std::uint32_t>(field.size())}};
}

void refuse(const config::Span& span, const std::string& what, config::Diagnostics& diagnostics) {
    diagnostics.error(span, what, kByHand);
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
    const Result<std::uint64_t> number = config::parse_number(value);
    std::string text = value;
    switch (word.value) {
        case Value::kFlag: text = "yes"; break;
        case Value::kDuration: text = duration_of(value); break;
        case Value::kTries:
            if (number && (*number == 0 || *number > kMostTries)) text = std::to_string(kMostTries);
            [[fallthrough]];
        case Value::kNumber:
            if (!number) return false;
            break;
        case Value::kPath:
            unlocking.header = value;
            return value.starts_with('/') && value.find(':') == std::string::npos;
    }
    const std::string start = word.ours.str() + "=";
    if (text.empty() || unlocking.options.find(start) != std::string::npos) return !text.empty();
    unlocking.options += (unlocking.options.empty() ? "" : " ") + start + text;
    return true;
}

void read_option(const std::string& text, const config::Span& span, Unlocking& unlocking,
                 config::Diagnostics& diagnostics) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view name = std::string_view(text).substr(0, equals);
    if (name.empty() || name.starts_with("x-systemd.") || is_among(kNothing, name)) return;
    if (is_among(kOnlyFaster, name)) {
        diagnostics.warning(span, "the option " + config::quoted(text) + " is left out",
                            "the disk opens without it");
        return;
    }
    const Word* const word = std::find_if(std::begin(kWords), std::end(kWords),
                                          [&](const Word& one) { return one.name == name; });
    if (word == std::end(kWords))
        return refuse(span, "'decrypt' has no word for the option " + config::quoted(text),
                      diagnostics);
    const Counts other = unlocking.key.empty() ? Counts::kForKeyFile : Counts::kForPassphrase;
    const std::string value = equals < text.size() ? text.substr(equals + 1) : "";
    if (word->counts != other && !add_value(*word, value, unlocking))
        refuse(span, "'decrypt' cannot take " + config::quoted(text), diagnostics);
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
    for (std::string_view rest = source.text; !rest.empty();) {
        std::string_view text = take_part(rest, '\n');
        CrypttabLine line;
        line.number = ++number;
        line.name = next_field(source, text);
        line.device = next_field(source, text);
        line.key = next_field(source, text);
        line.options = next_field(source, text);
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
