// SPDX-License-Identifier: MIT
#include "stages/device_spec.h"

#include <algorithm>
#include <charconv>

#include "config/diagnostic.h"

namespace prologue {
namespace {

constexpr std::string_view kForms =
    "a device is UUID=, LABEL=, PARTUUID=, PARTLABEL=, /dev/NAME or MAJOR:MINOR";
constexpr unsigned kMaxMajor = 0xFFF, kMaxMinor = 0xFFFFF;  // linux/kdev_t.h

using Kind = DeviceSpec::Kind;

struct Key {
    std::string_view tag, directory;
    Kind kind;
};
constexpr Key kKeys[] = {
    {"UUID=", "by-uuid/", Kind::kUuid},
    {"LABEL=", "by-label/", Kind::kLabel},
    {"PARTUUID=", "by-partuuid/", Kind::kPartUuid},
    {"PARTLABEL=", "by-partlabel/", Kind::kPartLabel},
};
constexpr std::string_view kDiskDirectory = "/dev/disk/";
constexpr std::string_view kOffsetTag = "/PARTNROFF=";

Unexpected wrong(Text message, Text hint = kForms) {
    return fail(Error::config(message).with_hint(hint));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool all_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return hex_digit(c) >= 0; });
}

// True when `text` is groups of hexadecimal digits, as many in each as `shape` says: "844" and so
// on, with 'c' for twelve.
bool has_shape(std::string_view text, std::string_view shape) {
    for (std::size_t group = 0; group < shape.size(); ++group) {
        const auto length = static_cast<std::size_t>(hex_digit(shape[group]));
        if (text.size() < length || !all_hex(text.substr(0, length))) return false;
        text.remove_prefix(length);
        if (group + 1 == shape.size()) break;
        if (text.empty() || text.front() != '-') return false;
        text.remove_prefix(1);
    }
    return text.empty();
}

// Filesystems write their UUID in many shapes (vfat 1234-ABCD, ntfs 16 digits, iso9660 a date), all
// of hexadecimal digits and dashes. Four dashes are the usual one, which is checked in full.
Result<> check_uuid(std::string_view value) {
    const auto dashes = std::count(value.begin(), value.end(), '-');
    for (const char c : value) {
        if (hex_digit(c) >= 0 || c == '-') continue;
        return wrong(config::quoted(std::string_view(&c, 1)) + " cannot stand in a UUID",
                     "a UUID has hexadecimal digits and dashes: 'blkid' shows it");
    }
    if (value.size() > 36 || (dashes == 4 && !has_shape(value, "8444c"))) {
        return wrong(config::quoted(value) + " is no UUID of a filesystem",
                     "five groups of 8, 4, 4, 4 and 12 digits: 'blkid' shows it");
    }
    return {};
}

Result<> check_partuuid(std::string_view value) {
    if (has_shape(value, "8444c") || has_shape(value, "82")) return {};
    return wrong(config::quoted(value) + " is no PARTUUID",
                 "GPT: groups of 8, 4, 4, 4 and 12 digits; MBR: 8 and 2; 'blkid' shows it");
}

Result<> take_partition_offset(std::string_view text, DeviceSpec& spec) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, spec.partition_offset);
    const bool sane = spec.partition_offset >= -1024 && spec.partition_offset <= 1024;
    if (error != std::errc() || stop != end || text.empty() || !sane) {
        return wrong(config::quoted(text) + " is no offset between partitions",
                     "PARTUUID=.../PARTNROFF=1 is the partition behind that one");
    }
    return {};
}

Result<> take_key_value(Kind kind, std::string_view value, DeviceSpec& spec) {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value =
            value.substr(1, value.size() - 2);  // root=UUID="…" keeps its quotes on the way here
    }
    spec.kind = kind;
    if (kind == Kind::kPartUuid) {
        const std::size_t tag = value.find(kOffsetTag);
        if (tag != std::string_view::npos) {
            TRY_VOID(take_partition_offset(value.substr(tag + kOffsetTag.size()), spec));
            value = value.substr(0, tag);
        }
    }
    spec.value = value;
    if (value.empty()) return wrong(config::quoted(spec.text) + " has no value");
    if (kind == Kind::kUuid) return check_uuid(value);
    if (kind == Kind::kPartUuid) return check_partuuid(value);
    return {};
}

// udev writes bytes that are unsafe in a file name as \xHH (udev_node_escape_path()).
std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text.substr(i, 2) == "\\x" && i + 3 < text.size() &&
                            hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0;
        if (!escape) {
            result += text[i];
            continue;
        }
        result += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
        i += 3;
    }
    return result;
}

bool has_dot_component(std::string_view path) {
    for (std::size_t at = 0; at < path.size();) {
        std::size_t end = path.find('/', at);
        if (end == std::string_view::npos) end = path.size();
        const std::string_view part = path.substr(at, end - at);
        if (part == "." || part == ".." || (part.empty() && at != 0)) return true;
        at = end + 1;
    }
    return path.back() == '/';
}

Result<> take_path(std::string_view text, DeviceSpec& spec) {
    if (text.starts_with(kDiskDirectory)) {
        const std::string_view rest = text.substr(kDiskDirectory.size());
        for (const Key& key : kKeys) {
            if (!rest.starts_with(key.directory)) continue;
            return take_key_value(key.kind, unescaped(rest.substr(key.directory.size())), spec);
        }
        return wrong(config::quoted(text) + " is a link that udev makes, and there is no udev here",
                     "name the device by UUID=, LABEL=, PARTUUID= or PARTLABEL=");
    }
    spec.kind = Kind::kPath;
    spec.value = text;
    if (text.size() <= 5 || has_dot_component(text) || text.find('\0') != std::string_view::npos) {
        return wrong(config::quoted(text) + " is no path of a device");
    }
    return {};
}

bool is_device_number(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == ':'; }) &&
           text.find(':', colon + 1) == std::string_view::npos;
}

Result<> take_number(std::string_view text, DeviceSpec& spec) {
    const std::size_t colon = text.find(':');
    spec.kind = Kind::kNumber;
    spec.value = text;
    const char* const begin = text.data();
    const auto major_end = std::from_chars(begin, begin + colon, spec.major);
    const auto minor_end = std::from_chars(begin + colon + 1, begin + text.size(), spec.minor);
    if (major_end.ec != std::errc() || minor_end.ec != std::errc() || spec.major > kMaxMajor ||
        spec.minor > kMaxMinor) {
        return wrong(config::quoted(text) + " is no device number");
    }
    return {};
}

// The kernel's root= takes a device number in hexadecimal too: new_decode_dev().
bool take_hex_number(std::string_view text, DeviceSpec& spec) {
    if (text.size() < 3 || text.size() > 8 || !all_hex(text)) return false;
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, 16);
    spec.kind = Kind::kNumber;
    spec.value = text;
    spec.major = (number & 0xFFF00) >> 8;
    spec.minor = (number & 0xFF) | ((number >> 12) & 0xFFF00);
    return true;
}

Result<> fill(std::string_view text, DeviceSpec& spec) {
    for (const Key& key : kKeys) {
        if (text.starts_with(key.tag)) {
            return take_key_value(key.kind, text.substr(key.tag.size()), spec);
        }
    }
    if (text.starts_with("/dev/")) return take_path(text, spec);
    if (is_device_number(text)) return take_number(text, spec);
    if (take_hex_number(text, spec)) return {};
    return wrong(config::quoted(text) + " names no device");
}

}  // namespace

Result<DeviceSpec> parse_device_spec(std::string_view text) {
    DeviceSpec spec;
    spec.text = text;
    TRY_VOID(fill(text, spec));
    return spec;
}

bool looks_like_device_spec(std::string_view text) {
    for (const Key& key : kKeys) {
        if (text.starts_with(key.tag)) return true;
    }
    return text.starts_with("/dev/") || is_device_number(text);
}

bool DeviceSpec::matches_text(std::string_view candidate) const {
    if (kind != Kind::kUuid && kind != Kind::kPartUuid) return candidate == value;
    const auto folded = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    return std::equal(candidate.begin(), candidate.end(), value.begin(), value.end(),
                      [&](char a, char b) { return folded(a) == folded(b); });
}

}  // namespace prologue
