// SPDX-License-Identifier: MIT
// lz4 in its legacy format, the only one that lib/decompress_unlz4.c reads: a magic number, then
// blocks of at most 8 MiB, each behind its size in little endian. There is no end mark: a stream
// ends with the input, with another stream's magic, or with a block that is not full.
#include <algorithm>
#include <vector>

#include <lz4.h>
#include <lz4hc.h>

#include "images/compress.h"
#include "images/little_endian.h"

namespace prologue::images {
namespace {

constexpr std::uint32_t kMagic = 0x184C2102;
constexpr std::size_t kBlock = 8 * 1024 * 1024;

void put_le32(std::string& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
        out += static_cast<char>(static_cast<unsigned char>(value >> shift));
}

}  // namespace

Result<std::string> compress_lz4(std::string_view data) {
    std::string out;
    put_le32(out, kMagic);
    std::vector<char> block(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(kBlock))));
    while (!data.empty()) {
        const std::string_view piece = data.substr(0, kBlock);
        const int size = LZ4_compress_HC(piece.data(), block.data(), static_cast<int>(piece.size()),
                                         static_cast<int>(block.size()), LZ4HC_CLEVEL_MAX);
        if (size <= 0) return fail(Error::internal("compress", "lz4 gave up"));
        put_le32(out, static_cast<std::uint32_t>(size));
        out.append(block.data(), static_cast<std::size_t>(size));
        data.remove_prefix(piece.size());
    }
    return out;
}

Decoded decompress_lz4(std::string_view data, std::size_t limit) {
    Decoded decoded;
    decoded.consumed = std::min<std::size_t>(data.size(), 4);
    std::size_t last = kBlock;
    while (decoded.consumed < data.size() && last == kBlock) {
        const std::size_t at = decoded.consumed;
        if (data.size() - at < 4) {
            // Up to three zeros are the padding behind the stream, and the caller's.
            if (data.find_first_not_of('\0', at) != std::string_view::npos)
                decoded.problem = "truncated lz4 data";
            break;
        }
        const std::size_t size = number_at(data, at, 4);
        // Zeros are padding behind the stream; another magic number starts another one.
        if (size == 0 || size == kMagic) break;
        if (size > data.size() - at - 4) {
            decoded.problem = "truncated lz4 data";
            break;
        }
        const std::size_t used = decoded.data.size();
        if (used > limit || limit - used < 1) {
            decoded.problem = "larger than the limit";
            break;
        }
        decoded.data.resize(used + kBlock);
        const int got = LZ4_decompress_safe(
            data.data() + at + 4, decoded.data.data() + used,
            static_cast<int>(std::min<std::size_t>(size, INT32_MAX)), static_cast<int>(kBlock));
        decoded.data.resize(used + static_cast<std::size_t>(std::max(got, 0)));
        if (got < 0) {
            decoded.problem = "damaged lz4 data";
            break;
        }
        decoded.consumed = at + 4 + size;
        last = static_cast<std::size_t>(got);
    }
    return decoded;
}

}  // namespace prologue::images
