// SPDX-License-Identifier: MIT
#include "init/base/mountinfo.h"

#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::size_t kMountinfoLimit = 4 * 1024 * 1024;

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

}  // namespace

std::string unescape_octal(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) return std::string(text);
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
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
    MountFields parts;
    std::string_view id;
    for (std::string_view* field :
         {&id, &id, &parts.number, &parts.root, &parts.target, &parts.options})
        *field = take_part(line, ' ');
    for (;;) {
        const std::string_view field = take_part(line, ' ');
        if (line.empty()) return std::nullopt;
        if (field == "-") break;
        if (field.starts_with("shared:")) parts.shared = true;
    }
    parts.type = take_part(line, ' ');
    if (line.empty()) return std::nullopt;
    parts.source = take_part(line, ' ');
    return parts;
}

std::vector<MountEntry> parse_mountinfo(std::string_view text) {
    std::vector<MountEntry> mounts;
    while (!text.empty()) {
        const std::optional<MountFields> parts = split_mount_line(take_part(text, '\n'));
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
