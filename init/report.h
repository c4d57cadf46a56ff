// SPDX-License-Identifier: MIT
// What a stage's child sends to PID 1 through its pipe: one message, then it exits. Lengths and counts
// are bounded and checked, since the child may have been damaged by what it read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/base/error.h"
#include "stages/stage.h"

namespace prologue {

// The capacity of a pipe: a child never blocks.
inline constexpr std::size_t kMaxReport = 64 * 1024;

std::string encode_report(const Result<StageOutcome>& result);
// nullopt for anything that encode_report() does not make of what a child may say. ErrorKind::kStuck and
// kStopped are not among that: PID 1 alone finds them out.
std::optional<Result<StageOutcome>> decode_report(std::string_view bytes);

}  // namespace prologue
