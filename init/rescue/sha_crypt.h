// SPDX-License-Identifier: MIT
// Hashes of passwords, SHA-256 and SHA-512 as crypt(5) has them: "$5$" and "$6$". Written here since the
// C library that the program is linked with has no crypt(3).
// Source: Unix crypt using SHA-256 and SHA-512 (U. Drepper, 2008); FIPS 180-4.
#pragma once

#include <string>
#include <string_view>

namespace prologue::rescue {

// The whole hash of `password` with the method, the rounds and the salt of `hash`; empty when `hash` has
// another method. What it computes on the way is wiped.
std::string sha_crypt(std::string_view password, std::string_view hash);

}  // namespace prologue::rescue
