// SPDX-License-Identifier: MIT
// A unified kernel image: one EFI program that is a stub, a kernel, an initramfs and a command line.
// The bytes of its parts come in, its own bytes come out; objcopy of GNU binutils puts them together.
// Source: UAPI.5 Unified Kernel Image; systemd-stub(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/image_check.h"
#include "images/pe.h"
#include "images/problems.h"

namespace prologue::images {

// A file as it was named, and what is in it.
struct NamedBytes {
    std::string name, data;
};

struct UkiParts {
    NamedBytes stub, kernel, initrd;
    std::string cmdline;  // words of the kernel's command line
    NamedBytes osrel;     // an os-release file; empty: none
    std::string uname;    // what `uname -r` will say; empty: what the kernel says of itself
};

// Everything that is wrong with the parts, or with one beside another. Sets `uname` where the kernel
// says it. `image` is what check_image() has found out about the initrd. Gives the headers of the stub,
// or nothing when it is no sound EFI program.
std::optional<PeImage> check_uki_parts(UkiParts& parts, const CheckedImage& image,
                                       Problems& problems);

struct UkiSection {
    std::string_view name, content;
    std::uint64_t address = 0;  // in memory, from the program's start
};

// The sections of `parts` behind those of the stub. kRefused when 4 GiB are not enough.
Result<std::vector<UkiSection>> lay_out_uki(const PeImage& stub, const UkiParts& parts);

// kRefused unless `bytes` is a sound EFI program that has the sections of the stub as they were, and
// these. `stub` is what was read of `parts.stub`.
Result<> check_uki(std::string_view bytes, const UkiParts& parts, const PeImage& stub,
                   const std::vector<UkiSection>& sections);

// Parts that check_uki_parts() has nothing against, and what it gave. The same parts give the same
// bytes.
Result<std::string> build_uki(const UkiParts& parts, const PeImage& stub);

}  // namespace prologue::images
