// SPDX-License-Identifier: MIT
#include "init/base/path.h"

#include "init/base/split.h"

namespace prologue {

bool path_is_below(std::string_view path, std::string_view prefix) {
    while (prefix.size() > 1 && prefix.back() == '/') prefix.remove_suffix(1);
    if (prefix == "/") return !path.empty() && path.front() == '/';
    if (path.substr(0, prefix.size()) != prefix) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/';
}

std::string plain_path(std::string_view path) {
    std::string plain;
    while (!path.empty()) {
        const std::string_view part = take_part(path, '/');
        if (!part.empty() && part != ".") plain.append("/").append(part);
    }
    return plain.empty() ? "/" : plain;
}

std::string join_path(std::string_view directory, std::string_view name) {
    std::string path(directory);
    if (path.empty() || path.back() != '/') path += '/';
    while (!name.empty() && name.front() == '/') name.remove_prefix(1);
    return path.append(name);
}

}  // namespace prologue
