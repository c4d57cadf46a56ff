// SPDX-License-Identifier: MIT
#include "images/machine/sysroot.h"

#include "images/host.h"
#include "init/base/path.h"

namespace prologue::images {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} * 1024 * 1024;

}  // namespace

Sysroot::Sysroot(const std::string& directory) {
    if (directory.empty()) return;
    directory_ = real_path(directory).value_or(directory);
    while (directory_.ends_with('/')) directory_.pop_back();
}

std::string Sysroot::at(std::string_view path) const {
    return directory_ + std::string(path);
}

bool Sysroot::has(std::string_view path) const {
    return exists(at(path));
}

Result<std::string> Sysroot::read(std::string_view path) const {
    return read_file(at(path), kMostBytes);
}

std::string Sysroot::line(std::string_view path) const {
    const std::string text = read(path).value_or("");
    return text.substr(0, text.find('\n'));
}

std::vector<std::string> Sysroot::list(std::string_view path) const {
    return list_directory(at(path)).value_or(std::vector<std::string>());
}

std::string Sysroot::resolve(std::string_view path) const {
    const std::string real = real_path(at(path)).value_or("");
    if (real.empty() || (!directory_.empty() && !path_is_below(real, directory_))) return {};
    return real.substr(directory_.size());
}

}  // namespace prologue::images
