// SPDX-License-Identifier: MIT
// Messages on a socket that keeps their borders (SOCK_SEQPACKET): a letter, and what belongs to it.
// Source: unix(7).
#pragma once

#include <span>

namespace prologue {

// False when it did not go out whole. The bytes pass through no buffer of this program.
bool send_message(int socket, char letter, std::span<const char> bytes);

}  // namespace prologue
