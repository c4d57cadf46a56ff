// SPDX-License-Identifier: MIT
// What a LUKS header says about the ciphers that the kernel needs for its disk.
// Source: LUKS On-Disk Format 1.2.3, LUKS2 On-Disk Format 1.1.
#pragma once

#include <string>
#include <vector>

#include "init/base/error.h"

namespace prologue::images {

// The ciphers of the data, as dm-crypt gets them, each once: "aes-xts-plain64". `path`: a container, a
// detached header, or a device. Those of the key slots are none of the kernel's: init reads them itself.
// kRefused when there is no header, or none whose ciphers can be read.
Result<std::vector<std::string>> ciphers_of_header(const std::string& path);

// The kernel's names of what such a cipher is made of, as it asks for them as modules:
// "crypto-aes", "crypto-xts"; "crypto-essiv" and "crypto-sha256" of "aes-cbc-essiv:sha256".
std::vector<std::string> aliases_of_cipher(std::string_view cipher);

}  // namespace prologue::images
