// SPDX-License-Identifier: MIT
// The compressions of an initramfs, in the dialects that the kernel's own decoders take. Encoders
// are single-threaded and write neither names nor times: the same input gives the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/base/error.h"

namespace prologue::images {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd, kXz, kLz4 };

std::string_view name_of(Compression compression);
std::optional<Compression> parse_compression(std::string_view name);

// What the first bytes say; nullopt for anything else (a plain cpio too).
std::optional<Compression> detect_compression(std::string_view data);
// "bzip2" and its like: compressions that are recognised only to be named. Empty for none.
std::string_view foreign_compression(std::string_view data);

// For an archive of this many bytes. A kernel takes longer to unpack a small one than a hypervisor, or
// firmware with a fast disk, to read it as it is; and that needs no CONFIG_RD_ option. A larger one is
// in gzip, which few kernels lack.
Compression default_compression(std::size_t bytes);

// Small rather than fast, but a usual image takes well under a second.
Result<std::string> compress(Compression compression, std::string_view data);

// One compressed stream. A damaged one gives the bytes before the damage and says what is wrong.
struct Decoded {
    std::string data;
    std::size_t consumed = 0;  // bytes of the input that belong to the stream
    std::string problem;       // empty = the stream is whole
};
// `limit` bounds the output: a longer one is a problem. Never fails otherwise, whatever the bytes.
Decoded decompress(Compression compression, std::string_view data, std::size_t limit);

// One pair a dialect; the functions above choose.
Result<std::string> compress_gzip(std::string_view data);
Result<std::string> compress_zstd(std::string_view data);
Result<std::string> compress_xz(std::string_view data);
Result<std::string> compress_lz4(std::string_view data);
Decoded decompress_gzip(std::string_view data, std::size_t limit);
Decoded decompress_zstd(std::string_view data, std::size_t limit);
Decoded decompress_xz(std::string_view data, std::size_t limit);
Decoded decompress_lz4(std::string_view data, std::size_t limit);

}  // namespace prologue::images
