// SPDX-License-Identifier: MIT
#include "images/kernel_image.h"

#include <algorithm>

#include "images/compress.h"
#include "images/elf.h"
#include "images/kernel_modules.h"
#include "images/little_endian.h"

namespace prologue::images {
namespace {

using namespace std::string_view_literals;

// Places in the setup header.
constexpr std::size_t kSectorsAt = 0x1f1, kBootFlagAt = 0x1fe, kMagicAt = 0x202,
                      kProtocolAt = 0x206, kVersionAt = 0x20e, kLoadFlagsAt = 0x236,
                      kPayloadAt = 0x248, kPayloadSizeAt = 0x24c, kHeaderEnd = 0x250;
constexpr std::size_t kSector = 512;
constexpr std::size_t kDefaultSectors = 4;  // what 0 means, for old loaders
constexpr std::uint64_t kWithPayload = 0x208, kWithLoadFlags = 0x20c;
constexpr std::uint64_t kRuns64Bit = 1;  // XLF_KERNEL_64
constexpr std::size_t kMaxVersionBytes = 256, kMaxConfigBytes = std::size_t{4} * 1024 * 1024;

Unexpected damaged(std::string why) {
    return fail(
        Error::refused("read", {}, std::move(why)).with_hint("install the kernel's package again"));
}

Unexpected no_kernel(std::string_view bytes) {
    std::string why = "is no kernel of x86 (bzImage)";
    if (is_elf(bytes)) why = "is an ELF file, such as vmlinux, and no bzImage";
    return fail(Error::refused("read", {}, std::move(why))
                    .with_hint("name what the boot loader reads: /boot/vmlinuz-VERSION"));
}

// "6.1.0-50-amd64 (debian-kernel@…) #1 SMP …": the first word.
Result<std::string> read_version(std::string_view bytes, std::size_t setup_bytes) {
    const std::size_t offset = number_at(bytes, kVersionAt, 2);
    const std::size_t at = offset + kSector;
    if (offset == 0 || at >= setup_bytes || at >= bytes.size())
        return damaged("it does not say its version");
    std::string_view text = bytes.substr(at, kMaxVersionBytes);
    text = text.substr(0, std::min(text.find('\0'), text.size()));
    const std::string_view version = text.substr(0, std::min(text.find(' '), text.size()));
    const bool is_plain = std::all_of(version.begin(), version.end(), [](char letter) {
        return letter > ' ' && letter < '\x7f' && letter != '/';
    });
    if (version.empty() || !is_plain) return damaged("it does not say its version");
    return std::string(version);
}

Result<std::string_view> payload_of(std::string_view bytes, std::size_t setup_bytes) {
    const std::size_t start = setup_bytes + number_at(bytes, kPayloadAt, 4);
    const std::size_t size = number_at(bytes, kPayloadSizeAt, 4);
    if (start > bytes.size() || bytes.size() - start < size)
        return damaged("it is cut off: its compressed part ends at byte " +
                       std::to_string(start + size) + ", the file at " +
                       std::to_string(bytes.size()));
    return bytes.substr(start, size);
}

// The kernel proper, an ELF file. Behind it the build leaves its size, where the compression has no
// place for one: lz4 would take that for a block.
Result<std::string> unpack(std::string_view payload, std::size_t limit, std::string& sealed) {
    if (is_elf(payload)) return std::string(payload);
    const auto compression = detect_compression(payload);
    if (!compression) {
        const std::string_view foreign = foreign_compression(payload);
        if (foreign.empty()) return damaged("its compressed part is damaged");
        sealed = "compressed with " + std::string(foreign) + ", which cannot be unpacked here";
        return std::string();
    }
    if (*compression == Compression::kLz4)
        payload.remove_suffix(std::min<std::size_t>(payload.size(), 4));
    Decoded decoded = decompress(*compression, payload, limit);
    if (!decoded.problem.empty()) return damaged("its compressed part: " + decoded.problem);
    if (!is_elf(decoded.data)) return damaged("its compressed part holds no kernel");
    return std::move(decoded.data);
}

// The words that a version magic may have behind the version (include/linux/vermagic.h), apart from
// the seed of a kernel with randomised structures.
constexpr std::string_view kMagicWords[] = {"SMP", "preempt", "preempt_rt", "mod_unload",
                                            "modversions"};

bool is_magic(std::string_view words) {
    const std::vector<std::string_view> list = split_words(words);
    return !list.empty() && std::all_of(list.begin(), list.end(), [](std::string_view word) {
        return word.starts_with("RANDSTRUCT") ||
               std::find(std::begin(kMagicWords), std::end(kMagicWords), word) !=
                   std::end(kMagicWords);
    });
}

// A text of the kernel proper: the version, a blank, and such words.
std::string find_vermagic(std::string_view kernel, std::string_view version) {
    const std::string start = '\0' + std::string(version) + ' ';
    for (std::size_t at = kernel.find(start); at != std::string_view::npos;
         at = kernel.find(start, at + 1)) {
        std::string_view text = kernel.substr(at + 1, kMaxVersionBytes);
        const std::size_t end = text.find('\0');
        if (end == std::string_view::npos) continue;
        text = text.substr(0, end);
        if (is_magic(text.substr(version.size()))) return std::string(text);
    }
    return {};
}

std::string find_config(std::string_view kernel) {
    constexpr std::string_view kStart = "IKCFG_ST";
    const std::size_t at = kernel.find(std::string(kStart) + "\x1f\x8b");
    if (at == std::string_view::npos) return {};
    Decoded decoded = decompress_gzip(kernel.substr(at + kStart.size()), kMaxConfigBytes);
    return decoded.problem.empty() ? std::move(decoded.data) : std::string();
}

}  // namespace

bool is_kernel_image(std::string_view bytes) {
    return bytes.size() >= kHeaderEnd && bytes.substr(kMagicAt, 4) == "HdrS" &&
           bytes.substr(kBootFlagAt, 2) == "\x55\xaa"sv;
}

Result<KernelImage> read_kernel_image(std::string_view bytes, std::size_t limit) {
    if (!is_kernel_image(bytes)) return no_kernel(bytes);
    const std::uint64_t protocol = number_at(bytes, kProtocolAt, 2);
    if (protocol < kWithPayload)
        return fail(Error::refused("read", {}, "it is older than Linux 2.6.24"));
    std::size_t sectors = number_at(bytes, kSectorsAt, 1);
    if (sectors == 0) sectors = kDefaultSectors;
    const std::size_t setup_bytes = (sectors + 1) * kSector;
    KernelImage image;
    image.version = TRY(read_version(bytes, setup_bytes));
    image.is_64_bit =
        protocol < kWithLoadFlags || (number_at(bytes, kLoadFlagsAt, 2) & kRuns64Bit) != 0;
    const std::string_view payload = TRY(payload_of(bytes, setup_bytes));
    const std::string kernel = TRY(unpack(payload, limit, image.sealed));
    image.vermagic = find_vermagic(kernel, image.version);
    image.config = find_config(kernel);
    return image;
}

}  // namespace prologue::images
