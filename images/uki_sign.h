// SPDX-License-Identifier: MIT
// Signing an EFI program for Secure Boot, by sbsign(1) and sbverify(1). The key is never read here.
#pragma once

#include <string>
#include <string_view>

#include "init/base/error.h"

namespace prologue::images {

// Files in PEM form, as they were named.
struct SigningKey {
    std::string key, certificate;
};

// The signed program, whose signature the certificate confirms. kRefused when the key does not fit the
// certificate, or one of them is none.
Result<std::string> sign_efi_program(std::string_view bytes, const SigningKey& signer);

}  // namespace prologue::images
