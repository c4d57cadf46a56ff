// SPDX-License-Identifier: MIT
// What a person at the machine presses, as QMP commands.
#pragma once

namespace prologue::qemu_tests {

inline constexpr char kPressPower[] = R"({"execute": "system_powerdown"})";
inline constexpr char kPressCtrlAltDel[] =
    R"({"execute": "send-key", "arguments": {"keys": [)"
    R"({"type": "qcode", "data": "ctrl"}, {"type": "qcode", "data": "alt"}, )"
    R"({"type": "qcode", "data": "delete"}]}})";

}  // namespace prologue::qemu_tests
