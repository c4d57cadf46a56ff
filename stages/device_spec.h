// SPDX-License-Identifier: MIT
// Device specifications: every form in which a config line or `root=` may name a block device.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "init/base/error.h"

namespace prologue {

struct DeviceSpec {
    enum class Kind : std::uint8_t {
        kUuid,       // UUID=          filesystem UUID; hexadecimal digits compare without case
        kLabel,      // LABEL=         filesystem label, exact
        kPartUuid,   // PARTUUID=      GPT UUID, or MBR SSSSSSSS-PP; optional /PARTNROFF=N
        kPartLabel,  // PARTLABEL=     GPT partition name, exact
        kPath,       // /dev/vda1
        kNumber,     // 8:1
    };
    Kind kind = Kind::kPath;
    std::string value;         // without the KEY=; udev's \xHH escapes of /dev/disk/by-* are undone
    int partition_offset = 0;  // PARTNROFF
    unsigned major = 0, minor = 0;  // kNumber
    std::string text;               // as the user wrote it, for messages

    [[nodiscard]] bool matches_text(std::string_view candidate) const;
};

// UUID= LABEL= PARTUUID=[/PARTNROFF=] PARTLABEL= /dev/… /dev/disk/by-{uuid,label,partuuid,partlabel}/…
// MAJ:MIN. A wrong form is kConfig and says which forms there are; a UUID or PARTUUID that no
// filesystem or table could have (wrong characters) is an error too.
Result<DeviceSpec> parse_device_spec(std::string_view text);

// True for a text that begins like a specification ("UUID=", "/dev/", digits ':' digits).
bool looks_like_device_spec(std::string_view text);

}  // namespace prologue
