// SPDX-License-Identifier: MIT
// An ext2 filesystem, as bytes, with no mount, no loop device and no root rights. Linux mounts it
// with its ext2 and its ext4 driver; it has no journal. Nothing of the host gets in: times are 0,
// inodes count in the order of the archive, the UUID is made from everything else.
#pragma once

#include <string>
#include <string_view>

#include "images/archive.h"
#include "images/ext2_layout.h"
#include "init/base/error.h"

namespace prologue::images {

struct Ext2Image {
    std::string bytes;
    std::uint64_t free_bytes = 0;
};

// The tree of `archive`, which is finished, in an image of `size` bytes labelled `label` (at most 16
// bytes). A directory /lost+found is added where the tree has none. kRefused when it does not fit,
// with both figures; what plan_ext2() says; kRefused for a name over 255 bytes.
Result<Ext2Image> write_ext2(const Archive& archive, std::uint64_t size, std::string_view label);

}  // namespace prologue::images
