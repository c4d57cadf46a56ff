// SPDX-License-Identifier: MIT
// What a machine with a VGA shows, read off pictures of its screen: text of 80 by 25 characters, in the
// font of the video BIOS, which the kernel leaves as it is.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/qemu/vm.h"

namespace prologue::qemu_tests {

class Screen {
  public:
    // The machine must have a "-device VGA", and outlive this.
    explicit Screen(Vm& vm) : vm_(vm) {}

    // Takes a picture. Its rows without the blanks at their ends, '?' for what is no ASCII and for the
    // cursor; empty while it shows no text.
    const std::vector<std::string>& look();
    // How many rows of the last picture begin with it.
    [[nodiscard]] std::size_t count(std::string_view text) const;
    // Takes pictures until that many rows begin with it; the test case fails when it does not come.
    bool wait_for(std::string_view text, std::size_t times = 1, Where where = Where::current());

  private:
    void read_font();

    Vm& vm_;
    std::map<std::string, char> font_;  // by the 16 bytes of a character
    std::vector<std::string> rows_;     // of the last picture
};

}  // namespace prologue::qemu_tests
