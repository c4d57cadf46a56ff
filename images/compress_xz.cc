// SPDX-License-Identifier: MIT
// xz by liblzma. Source: lib/decompress_unxz.c: the kernel knows the checks "none" and CRC32 only
// (CRC64, the default of xz(1), fails there), and branch filters only where they are configured, so
// none is used.
#include <lzma.h>

#include "images/compress.h"

namespace prologue::images {
namespace {

constexpr std::uint32_t kPreset = 6;  // 8 MiB dictionary: what a small machine can still unpack
constexpr std::uint64_t kDecoderMemory = std::uint64_t{512} * 1024 * 1024;
constexpr std::size_t kChunk = 256 * 1024;

}  // namespace

Result<std::string> compress_xz(std::string_view data) {
    lzma_options_lzma options = {};
    if (lzma_lzma_preset(&options, kPreset | LZMA_PRESET_EXTREME) != 0)
        return fail(Error::internal("compress", "liblzma does not know its preset"));
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
    std::string out(lzma_stream_buffer_bound(data.size()), '\0');
    std::size_t size = 0;
    // liblzma takes const filters here although its type says otherwise in older versions.
    const lzma_ret state = lzma_stream_buffer_encode(
        const_cast<lzma_filter*>(filters), LZMA_CHECK_CRC32, nullptr,  // NOLINT
        reinterpret_cast<const std::uint8_t*>(data.data()), data.size(),
        reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
    if (state != LZMA_OK) return fail(Error::internal("compress", "liblzma gave up"));
    out.resize(size);
    return out;
}

Decoded decompress_xz(std::string_view data, std::size_t limit) {
    Decoded decoded;
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream, kDecoderMemory, 0) != LZMA_OK) {
        decoded.problem = "liblzma has no memory";
        return decoded;
    }
    stream.next_in = reinterpret_cast<const std::uint8_t*>(data.data());
    stream.avail_in = data.size();
    lzma_ret state = LZMA_OK;
    while (state == LZMA_OK && decoded.data.size() <= limit) {
        const std::size_t used = decoded.data.size();
        decoded.data.resize(used + kChunk);
        stream.next_out = reinterpret_cast<std::uint8_t*>(decoded.data.data() + used);
        stream.avail_out = kChunk;
        state = lzma_code(&stream, LZMA_FINISH);
        decoded.data.resize(decoded.data.size() - stream.avail_out);
    }
    decoded.consumed = data.size() - stream.avail_in;
    lzma_end(&stream);
    if (decoded.data.size() > limit) {
        decoded.problem = "larger than the limit";
    } else if (state == LZMA_BUF_ERROR) {
        decoded.problem = "truncated xz data";
    } else if (state == LZMA_MEMLIMIT_ERROR) {
        decoded.problem = "xz data that needs more than 512 MiB of memory";
    } else if (state != LZMA_STREAM_END) {
        decoded.problem = "damaged xz data";
    }
    return decoded;
}

}  // namespace prologue::images
