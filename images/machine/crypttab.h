// SPDX-License-Identifier: MIT
// /etc/crypttab, and what of it a `decrypt` line can say.
// Source: crypttab(5) of systemd and of Debian's cryptsetup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace prologue::images {

struct CrypttabField {
    std::string text;  // empty: the line does not have it
    config::Span span;
};

struct CrypttabLine {
    std::uint32_t number = 0;  // from 1
    CrypttabField name, device, key, options;
};

// The lines that are no comments.
std::vector<CrypttabLine> read_crypttab(const config::Source& source);

// A line in the words of `decrypt`.
struct Unlocking {
    std::string key;         // path of the key file; empty = a passphrase is asked for
    std::string key_device;  // the filesystem that has it; empty = the machine's own
    std::string header;      // detached; empty = on the device itself
    std::string options;     // those that are left: "tries=5 discard=yes"
};

// What `decrypt` has no word for and the disk cannot be opened without is an error at its place; what
// only makes it faster is a warning, and left out.
Unlocking read_unlocking(const CrypttabLine& line, config::Diagnostics& diagnostics);

}  // namespace prologue::images
