// SPDX-License-Identifier: MIT
// The machine that this program runs on, as files: its /proc, /sys, /dev and /etc. All of it may lie below
// another directory, such as a root that is mounted to be repaired, or one that a test has made. Paths
// are absolute, as on that machine; an absolute symbolic link in such a directory leads out of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/base/error.h"

namespace prologue::images {

class Sysroot {
  public:
    // Empty: this machine's own root.
    explicit Sysroot(const std::string& directory = {});

    [[nodiscard]] const std::string& directory() const { return directory_; }
    // Where the file lies for this program.
    [[nodiscard]] std::string at(std::string_view path) const;

    [[nodiscard]] bool has(std::string_view path) const;
    [[nodiscard]] Result<std::string> read(std::string_view path) const;
    // The first line of a file of sysfs; empty when there is none, as for an attribute that a device
    // does not have.
    [[nodiscard]] std::string line(std::string_view path) const;
    // Names, sorted; none when there is no such directory.
    [[nodiscard]] std::vector<std::string> list(std::string_view path) const;
    // The path without symbolic links; empty when it leads nowhere, or out of the directory.
    [[nodiscard]] std::string resolve(std::string_view path) const;

  private:
    std::string directory_;  // without symbolic links or a slash at its end
};

}  // namespace prologue::images
