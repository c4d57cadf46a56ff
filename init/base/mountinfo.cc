// SPDX-License-Identifier: MIT
#include "init/base/mountinfo.h"

namespace prologue {
namespace {

constexpr std::size_t kMountinfoLimit = 4 * 1024 * 1024;

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return parts;
}

}  // namespace

std::string unescape_octal(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
            is_octal(text[i + 2]) && is_octal(text[i + 3])) {
            const int code =
                (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
            plain += static_cast<char>(code);
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::optional<MountFields> split_mount_line(std::string_view line) {
    const std::vector<std::string_view> fields = split(line, ' ');
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
    std::size_t dash = 6;
    while (dash < fields.size() && fields[dash] != "-") ++dash;
    if (dash + 2 >= fields.size()) return std::nullopt;
    MountFields parts{fields[2], fields[3],        fields[4],
                      fields[5], fields[dash + 1], fields[dash + 2]};
    for (std::size_t i = 6; i < dash; ++i) {
        if (fields[i].substr(0, 7) == "shared:") parts.shared = true;
    }
    return parts;
}

std::vector<MountEntry> parse_mountinfo(std::string_view text) {
    std::vector<MountEntry> mounts;
    for (const std::string_view line : split(text, '\n')) {
        const std::optional<MountFields> parts = split_mount_line(line);
        if (!parts) continue;
        MountEntry entry;
        entry.target = unescape_octal(parts->target);
        entry.options = parts->options;
        entry.type = parts->type;
        entry.source = unescape_octal(parts->source);
        entry.shared = parts->shared;
        mounts.push_back(std::move(entry));
    }
    return mounts;
}

Result<std::vector<MountEntry>> read_mounts(Sys& sys) {
    return parse_mountinfo(TRY(sys.read_file("/proc/self/mountinfo", kMountinfoLimit)));
}

const MountEntry* mount_at(const std::vector<MountEntry>& mounts, std::string_view target) {
    for (std::size_t i = mounts.size(); i-- > 0;) {
        if (mounts[i].target == target) return &mounts[i];
    }
    return nullptr;
}

}  // namespace prologue
