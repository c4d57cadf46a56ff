// SPDX-License-Identifier: MIT
// zstd. Source: RFC 8878, lib/decompress_unzstd.c, which allocates a window of at most 8 MiB.
#include <zstd.h>

#include "images/compress.h"

namespace prologue::images {
namespace {

constexpr int kWindowLog = 23;  // 8 MiB
// For small images the best there is. An image of many drivers (30 MiB) would take 15 s with it; with the
// other it takes one, and is an eighth larger.
constexpr int kLevel = 19, kLevelOfLarge = 9;
// What is read may come from elsewhere, a microcode tool or a module: take what zstd(1) takes.
constexpr int kMaxWindowLog = 27;
constexpr std::size_t kChunk = 256 * 1024;

}  // namespace

Result<std::string> compress_zstd(std::string_view data) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    if (context == nullptr) return fail(Error::internal("compress", "zstd has no memory"));
    const bool is_large = data.size() > (std::size_t{1} << kWindowLog);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel,
                                 is_large ? kLevelOfLarge : kLevel);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0);
    // Only a large input would choose a larger window; a small one keeps its small one.
    if (is_large) (void)ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, kWindowLog);
    std::string out(ZSTD_compressBound(data.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context, out.data(), out.size(), data.data(), data.size());
    (void)ZSTD_freeCCtx(context);
    if (ZSTD_isError(size) != 0) return fail(Error::internal("compress", ZSTD_getErrorName(size)));
    out.resize(size);
    return out;
}

Decoded decompress_zstd(std::string_view data, std::size_t limit) {
    Decoded decoded;
    ZSTD_DCtx* context = ZSTD_createDCtx();
    if (context == nullptr) {
        decoded.problem = "zstd has no memory";
        return decoded;
    }
    (void)ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, kMaxWindowLog);
    ZSTD_inBuffer in = {data.data(), data.size(), 0};
    for (;;) {
        const std::size_t used = decoded.data.size();
        decoded.data.resize(used + kChunk);
        ZSTD_outBuffer out = {decoded.data.data() + used, kChunk, 0};
        const std::size_t state = ZSTD_decompressStream(context, &out, &in);
        decoded.data.resize(used + out.pos);
        if (ZSTD_isError(state) != 0) {
            decoded.problem = std::string("damaged zstd data: ") + ZSTD_getErrorName(state);
            break;
        }
        if (state == 0) break;  // the end of the frame
        if (decoded.data.size() > limit) break;
        if (in.pos == in.size && out.pos < out.size) {
            decoded.problem = "truncated zstd data";
            break;
        }
    }
    if (decoded.data.size() > limit) decoded.problem = "larger than the limit";
    decoded.consumed = in.pos;
    (void)ZSTD_freeDCtx(context);
    return decoded;
}

}  // namespace prologue::images
