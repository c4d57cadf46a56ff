// SPDX-License-Identifier: MIT
// Reading an image as the kernel does (init/initramfs.c): archives joined one behind another, each
// uncompressed or in one of the kernel's compressions, with zeros between them. What the kernel
// would drop in silence is said aloud, with its byte offset. Any bytes give an answer; memory is
// bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/archive.h"
#include "images/compress.h"
#include "images/problems.h"

namespace prologue::images {

inline constexpr std::size_t kMaxUnpackedBytes = std::size_t{2} * 1024 * 1024 * 1024;

// One archive of an image.
struct ImagePart {
    std::size_t offset = 0;  // in the image
    std::size_t size = 0;    // as it lies there
    Compression compression = Compression::kNone;
    std::size_t entries = 0;
};

// An entry as it was read; `path` is normalised, `links` is the archive's own nlink.
struct ImageEntry {
    Entry entry;
    std::uint32_t links = 1;
    std::uint32_t mtime = 0;
    std::size_t part = 0;    // index into parts
    std::size_t offset = 0;  // of its header, in the image or in the unpacked part
};

struct ImageContents {
    std::vector<ImagePart> parts;
    std::vector<ImageEntry> entries;  // in the order of the image
    Problems problems;

    // What the kernel has at the end: later entries replace earlier ones.
    [[nodiscard]] Archive tree() const;
};

ImageContents read_image(std::string_view image, std::size_t limit = kMaxUnpackedBytes);

// True for what begins like an image: a cpio or a compression the kernel knows.
bool looks_like_image(std::string_view data);

}  // namespace prologue::images
