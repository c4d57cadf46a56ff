// SPDX-License-Identifier: MIT
#include "init/base/console_names.h"

#include <utility>

namespace prologue {

std::vector<std::string> split_console_names(std::string_view text) {
    std::vector<std::string> names;
    std::string name;
    for (const char c : text) {
        if (c != ' ' && c != '\n') {
            name += c;
        } else if (!name.empty()) {
            names.push_back(std::exchange(name, {}));
        }
    }
    if (!name.empty()) names.push_back(name);
    return names;
}

std::vector<std::string> active_consoles(Sys& sys) {
    const Result<std::string> active = sys.read_file("/sys/class/tty/console/active", 4096);
    std::vector<std::string> names = split_console_names(active ? *active : "console");
    if (names.empty()) names.emplace_back("console");
    return names;
}

}  // namespace prologue
