// SPDX-License-Identifier: MIT
#include "images/compress.h"

namespace prologue::images {
namespace {

using namespace std::string_view_literals;

struct Dialect {
    Compression compression;
    Literal name;
    std::string_view magic;
    Result<std::string> (*encode)(std::string_view);
    Decoded (*decode)(std::string_view, std::size_t);
};

constexpr Dialect kDialects[] = {
    {Compression::kGzip, "gzip", "\x1f\x8b"sv, compress_gzip, decompress_gzip},
    {Compression::kZstd, "zstd", "\x28\xb5\x2f\xfd"sv, compress_zstd, decompress_zstd},
    {Compression::kXz, "xz",
     "\xfd"
     "7zXZ\0"sv,
     compress_xz, decompress_xz},
    {Compression::kLz4, "lz4", "\x02\x21\x4c\x18"sv, compress_lz4, decompress_lz4},
};

struct ForeignMagic {
    Literal name;
    std::string_view magic;
};

constexpr ForeignMagic kForeign[] = {
    {"bzip2", "BZh"sv},
    {"lzma", "\x5d\x00\x00"sv},
    {"lzop", "\x89LZO"sv},
    {"lz4 in its frame format (the kernel reads only 'lz4 -l')", "\x04\x22\x4d\x18"sv},
};

}  // namespace

std::string_view name_of(Compression compression) {
    for (const Dialect& dialect : kDialects)
        if (dialect.compression == compression) return dialect.name;
    return "none";
}

std::optional<Compression> parse_compression(std::string_view name) {
    for (const Dialect& dialect : kDialects)
        if (dialect.name.view() == name) return dialect.compression;
    if (name == "none") return Compression::kNone;
    return std::nullopt;
}

Compression default_compression(std::size_t bytes) {
    constexpr std::size_t kSmall = 2 << 20;
    return bytes <= kSmall ? Compression::kNone : Compression::kGzip;
}

std::optional<Compression> detect_compression(std::string_view data) {
    for (const Dialect& dialect : kDialects)
        if (data.starts_with(dialect.magic)) return dialect.compression;
    return std::nullopt;
}

std::string_view foreign_compression(std::string_view data) {
    for (const ForeignMagic& foreign : kForeign)
        if (data.starts_with(foreign.magic)) return foreign.name;
    return {};
}

Result<std::string> compress(Compression compression, std::string_view data) {
    for (const Dialect& dialect : kDialects)
        if (dialect.compression == compression) return dialect.encode(data);
    return std::string(data);
}

Decoded decompress(Compression compression, std::string_view data, std::size_t limit) {
    for (const Dialect& dialect : kDialects)
        if (dialect.compression == compression) return dialect.decode(data, limit);
    Decoded decoded;
    decoded.data = data.substr(0, limit);
    decoded.consumed = data.size();
    if (data.size() > limit) decoded.problem = "larger than the limit";
    return decoded;
}

}  // namespace prologue::images
