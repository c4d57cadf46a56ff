// SPDX-License-Identifier: MIT
// Headers of encrypted disks, as `decrypt` reads them before anybody has typed a passphrase: whatever
// is on the disk, the answer comes in bounded time and is an error or a volume with a bounded
// description. An input that begins with 'j' is the JSON of a LUKS2 header that is right otherwise, its
// checksum included; any other is the beginning of the disk itself.
#include "stages/luks/cryptsetup.h"

#include <algorithm>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "init/base/fd.h"
#include "init/base/sys_linux.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sha256.h"

namespace prologue::fuzz {
namespace {

// LUKS2 On-Disk Format 1.1, section 2.
constexpr std::size_t kHeader = 16384, kSector = 4096, kChecksum = 448;
constexpr off_t kDisk = 32 << 20;

void put(std::string& header, std::size_t at, std::string_view bytes) {
    std::copy(bytes.begin(), bytes.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string header_with(std::string_view json, std::size_t offset) {
    using namespace std::string_view_literals;
    std::string header(kHeader, '\0');
    put(header, 0, offset == 0 ? "LUKS\xba\xbe\0\x02"sv : "SKUL\xba\xbe\0\x02"sv);
    put(header, 14, "\x40"sv);  // its size and its number, in network byte order
    put(header, 23, "\x01"sv);
    put(header, 72, "sha256"sv);
    put(header, 104, std::string(64, 's'));
    put(header, 168, "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11"sv);
    if (offset != 0) put(header, 262, "\x40"sv);
    put(header, kSector, json.substr(0, kHeader - kSector));
    const auto sum = sha256(header);
    std::copy(sum.begin(), sum.end(), header.begin() + kChecksum);
    return header;
}

std::string disk_of(std::string_view input) {
    if (!input.starts_with('j')) return std::string(input);
    input.remove_prefix(1);
    return header_with(input, 0) + header_with(input, kHeader);
}

}  // namespace

void fuzz_one(std::string_view input) {
    const std::string bytes = disk_of(input);
    const Fd file(memfd_create("disk", MFD_CLOEXEC));
    HOLDS(ftruncate(file.get(), kDisk) == 0);
    HOLDS(pwrite(file.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    LuksRequest request;
    request.device = "/proc/self/fd/" + std::to_string(file.get());
    request.name = "plain";
    LinuxSys sys;
    const auto volume = CryptsetupVolume::open(request, sys);
    if (!volume) {
        HOLDS(!describe(volume.error()).empty());
        return;
    }
    HOLDS((*volume)->describe().size() < 4096);
    const auto slots = static_cast<const CryptsetupVolume&>(**volume).slots();
    if (!slots) return;
    HOLDS(!slots->empty() && slots->size() <= 32);
    for (const CryptsetupVolume::Slot& slot : *slots) HOLDS(slot.number >= 0 && slot.number < 32);
}

}  // namespace prologue::fuzz
