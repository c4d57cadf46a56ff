// SPDX-License-Identifier: MIT
#include "init/rescue/completion.h"

#include <algorithm>

#include "config/utf8.h"
#include "init/base/compose.h"
#include "init/base/path.h"
#include "init/rescue/commands.h"

namespace prologue::rescue {
namespace {

// A name that is one word as it stands, and that a terminal can show.
bool is_plain(std::string_view name) {
    if (name.find_first_of(" \"\\#$") != std::string_view::npos) return false;
    for (std::size_t at = 0; at < name.size();) {
        const config::Character character = config::character_at(name, at);
        if (!character.valid || config::is_control(character.code_point)) return false;
        at += character.length;
    }
    return true;
}

}  // namespace

Completion ShellCompleter::complete(std::string_view before) {
    Completion found;
    const std::size_t start = before.find_last_of(" \t=") + 1;  // npos + 1 is 0
    found.stem = before.substr(start);
    const std::string_view first = before.substr(0, before.find_first_of(" \t"));
    const bool is_first = before.find_first_not_of(" \t") >= start;
    if (is_first || first == "help") {
        for (const std::string_view name : all_names())
            if (name.starts_with(found.stem)) found.words.emplace_back(name);
        std::sort(found.words.begin(), found.words.end());
        return found;
    }
    for (const config::NamedValue& fact : values_.facts)
        if (fact.name.starts_with(found.stem)) found.words.push_back(fact.name);
    if (!found.stem.empty()) add_paths(found.stem, found.words);
    return found;
}

void ShellCompleter::add_paths(std::string_view stem, std::vector<std::string>& words) {
    const std::size_t slash = stem.rfind('/');
    const std::string directory(slash == std::string_view::npos ? "" : stem.substr(0, slash + 1));
    const std::string_view start = stem.substr(directory.size());
    const auto names = sys_.list_dir(directory.empty() ? "." : directory);
    if (!names) return;  // no such directory: nothing to offer
    for (const std::string& name : *names) {
        if (!name.starts_with(start) || !is_plain(name)) continue;
        const Result<FileInfo> info =
            sys_.stat(join_path(directory.empty() ? "." : directory, name));
        const bool is_directory = info && info->type == FileType::kDirectory;
        words.push_back(compose("{}{}{}", directory, name, is_directory ? "/" : ""));
    }
}

}  // namespace prologue::rescue
