// SPDX-License-Identifier: MIT
// Mount points as planning sees them.
#include "init/base/path.h"
#include "init/planner.h"

namespace prologue::planning {

std::string mounted_directory(const Step& step) {
    if (step.type == nullptr || step.given.empty()) return {};
    const std::span<const OptionSpec> table = step.type->options;
    bool mounts = false;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].kind == ValueKind::kMountable) mounts = true;
        if (!mounts || table[i].kind != ValueKind::kPath || table[i].need == Need::kOption)
            continue;
        const config::Word* word = step.find(i);
        return word != nullptr && word->is_literal() ? plain_path(word->text()) : std::string();
    }
    return {};
}

}  // namespace prologue::planning
