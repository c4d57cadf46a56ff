// SPDX-License-Identifier: MIT
// The new root's own list of mounts.   Source: fstab(5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/base/error.h"
#include "init/base/sys.h"

namespace prologue {

struct FstabEntry {
    std::string source, target;
    std::string type;     // "auto" = to be found out
    std::string options;  // those for the filesystem: without words that only readers of fstab obey
    bool automatic = true;  // not noauto
    bool may_fail = false;  // nofail
};

// The line for `directory`; nullopt when there is none. Of several the first counts, as for mount(8).
std::optional<FstabEntry> find_in_fstab(std::string_view text, std::string_view directory);
// The same of /etc/fstab below `root`. A root without that file has no lines.
Result<std::optional<FstabEntry>> read_fstab_entry(const std::string& root,
                                                   std::string_view directory, Sys& sys);

// The program that obeys a word of fstab's fourth field instead of the filesystem; empty for others.
Literal reader_of_fstab_word(std::string_view word);

}  // namespace prologue
