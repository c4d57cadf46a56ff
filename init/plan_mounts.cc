// SPDX-License-Identifier: MIT
// Mount points as planning sees them.
#include "init/planner.h"

namespace prologue::planning {

std::string normalised(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (!part.empty() && part != ".") result.append("/").append(part);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return result.empty() ? "/" : result;
}

std::string mounted_directory(const Step& step) {
    if (step.type == nullptr || step.given.empty()) return {};
    const std::span<const OptionSpec> table = step.type->options;
    bool mounts = false;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].kind == ValueKind::kMountable) mounts = true;
        if (!mounts || table[i].kind != ValueKind::kPath || table[i].need == Need::kOption)
            continue;
        const config::Word* word = step.find(i);
        return word != nullptr && word->is_literal() ? normalised(word->text()) : std::string();
    }
    return {};
}

}  // namespace prologue::planning
