// SPDX-License-Identifier: MIT
#include "stages/fstab.h"

#include <cerrno>

#include "init/base/mountinfo.h"
#include "init/base/path.h"
#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::size_t kMaxFstab = 1024 * 1024;

void take_options(std::string_view list, FstabEntry& entry) {
    while (!list.empty()) {
        const std::string_view word = take_part(list, ',');
        if (word == "noauto") entry.automatic = false;
        if (word == "nofail") entry.may_fail = true;
        if (word.empty() || word == "defaults" || !reader_of_fstab_word(word).empty()) continue;
        if (!entry.options.empty()) entry.options += ',';
        entry.options += word;
    }
}

}  // namespace

Literal reader_of_fstab_word(std::string_view word) {
    if (word.starts_with("x-systemd.") || word == "_netdev") return "systemd";
    if (word.starts_with("x-") || word.starts_with("comment=")) return "other programs";
    for (const std::string_view one :
         {"nofail", "auto", "noauto", "user", "nouser", "users", "owner", "group"})
        if (word == one) return "those who read /etc/fstab";
    return "";
}

std::optional<FstabEntry> find_in_fstab(std::string_view text, std::string_view directory) {
    while (!text.empty()) {
        std::string_view line = take_part(text, '\n');
        FstabEntry entry;
        entry.source = unescape_octal(take_field(line));
        if (entry.source.empty() || entry.source.starts_with('#')) continue;
        entry.target = plain_path(unescape_octal(take_field(line)));
        if (entry.target != directory) continue;
        entry.type = take_field(line);
        take_options(take_field(line), entry);
        return entry;
    }
    return std::nullopt;
}

Result<std::optional<FstabEntry>> read_fstab_entry(const std::string& root,
                                                   std::string_view directory, Sys& sys) {
    const Result<std::string> text = sys.read_file(root + "/etc/fstab", kMaxFstab);
    if (text) return find_in_fstab(*text, directory);
    if (text.error()->errnum == ENOENT) return std::optional<FstabEntry>();
    return fail(text.error());
}

}  // namespace prologue
