// SPDX-License-Identifier: MIT
// What this build has of what can be left out.
#pragma once

namespace prologue {

// The stage `decrypt`: the CMake option PROLOGUE_DECRYPT.
inline constexpr bool kHasDecrypt = PROLOGUE_DECRYPT != 0;

}  // namespace prologue
