// SPDX-License-Identifier: MIT
// Source: libblkid's low-level probing (blkid_do_safeprobe, blkid_probe_get_partitions).
#include "stages/devices/prober.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include <blkid/blkid.h>
#include <endian.h>
#include <fcntl.h>
#include <unistd.h>

#include "init/base/fd.h"

namespace prologue {
namespace {

struct ProbeDeleter {
    void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};
using Probe = std::unique_ptr<blkid_struct_probe, ProbeDeleter>;

// A hostile disk may hold many signatures; a message needs only the first few.
constexpr std::size_t kSignatureLimit = 8;

// A place that libblkid reads: bytes from the start of the disk, or from its end when negative.
struct Place {
    off_t offset, length;
};
constexpr off_t kKiB = 1024, kPage = 4 * kKiB;
// Superblocks, the last one that of btrfs; the second headers of LUKS2; RAID members.
constexpr Place kSuperblocks[] = {
    {0, 64 * kKiB + kPage}, {128 * kKiB, kPage},  {256 * kKiB, kPage},
    {512 * kKiB, kPage},    {1024 * kKiB, kPage}, {2048 * kKiB, kPage},
    {4096 * kKiB, kPage},   {-64 * kKiB, kPage},  {-2 * kPage, 2 * kPage},
};
// The header of a GPT and its entries; every other table is smaller.
constexpr Place kPartitionTable = {0, 20 * kKiB};
// libblkid turns readahead off and asks for one place after the other; asked for at once, they are
// read side by side. Advice only: what cannot be read shows when libblkid reads it.
void ask_for(int fd, off_t size, const Place& place) {
    const off_t offset = place.offset < 0 ? size + place.offset : place.offset;
    if (offset < 0 || offset >= size) return;
    (void)posix_fadvise(fd, offset, place.length, POSIX_FADV_WILLNEED);
}

// A member of a ZFS pool has two labels at each end, each with a list of names and values. Without
// any such list no pool can be put together again, and libblkid need not count uberblocks in 1 MiB.
class ZfsLabels {
  public:
    explicit ZfsLabels(off_t size) : size_(size) {}
    void ask_for_lists(int fd) const;
    [[nodiscard]] bool may_be_there(int fd) const;

  private:
    static constexpr off_t kLabel = 256 * kKiB, kList = 16 * kKiB;
    [[nodiscard]] std::array<off_t, 4> lists() const {
        const off_t end = size_ - size_ % kLabel;
        return {kList, kLabel + kList, end - 2 * kLabel + kList, end - kLabel + kList};
    }
    // libblkid takes no disk under 64 MiB for a member.
    [[nodiscard]] bool is_too_small() const { return size_ < 64 * 1024 * kKiB; }

    off_t size_;
};

void ZfsLabels::ask_for_lists(int fd) const {
    if (is_too_small()) return;
    for (const off_t offset : lists()) ask_for(fd, size_, {offset, kPage});
}

bool ZfsLabels::may_be_there(int fd) const {
    if (is_too_small()) return false;
    for (const off_t offset : lists()) {
        // nvs_header_t: the encoding (1 is XDR), the byte order, two zeroes.
        unsigned char head[4];
        if (pread(fd, head, sizeof head, offset) != static_cast<ssize_t>(sizeof head)) return true;
        if (head[0] == 1 && head[1] <= 1 && head[2] == 0 && head[3] == 0) return true;
    }
    return false;
}

// An external log of XFS may begin anywhere in 256 KiB, all of which would be read; no root lies on
// one, so what is left of it makes no disk ambivalent.
void leave_out(blkid_probe probe, bool zfs_too) {
    char log[] = "xfs_external_log", zfs[] = "zfs_member";
    char* names[] = {log, zfs_too ? zfs : nullptr, nullptr};
    (void)blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_NOTIN, names);
}

// Opens `path` and hands it to a new probe. O_NONBLOCK: an optical drive without a disc must not
// make open(2) wait or fail. No O_EXCL: a disk in use by md or dm may still be read.
Probe open_probe(const std::string& path, Fd& fd, int& errnum) {
    fd.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) {
        errnum = errno;
        return {};
    }
    errno = 0;
    Probe probe(blkid_new_probe());
    if (probe && blkid_probe_set_device(probe.get(), fd.get(), 0, 0) == 0) return probe;
    errnum = errno != 0 ? errno : EIO;
    return {};
}

std::string value(blkid_probe probe, const char* name) {
    const char* data = nullptr;
    std::size_t size = 0;
    if (blkid_probe_lookup_value(probe, name, &data, &size) != 0 || data == nullptr) return {};
    return std::string(data, strnlen(data, size));  // the size counts the terminating NUL
}

Signature signature_of(blkid_probe probe) {
    Signature signature;
    signature.fstype = value(probe, "TYPE");
    signature.uuid = value(probe, "UUID");
    signature.uuid_sub = value(probe, "UUID_SUB");
    signature.label = value(probe, "LABEL");
    signature.usage = value(probe, "USAGE");
    return signature;
}

// Without the rule of one: whatever is there, for the message and to know whether it could be
// meant.
void list_signatures(blkid_probe probe, ProbeResult& result) {
    blkid_reset_probe(probe);
    while (result.signatures.size() < kSignatureLimit && blkid_do_probe(probe) == 0) {
        result.signatures.push_back(signature_of(probe));
    }
}

void copy_partitions(blkid_partlist list, PartitionTable& table) {
    const int count = blkid_partlist_numof_partitions(list);
    for (int i = 0; i < count; ++i) {
        blkid_partition partition = blkid_partlist_get_partition(list, i);
        if (partition == nullptr) continue;
        const char* uuid = blkid_partition_get_uuid(partition);
        const char* name = blkid_partition_get_name(partition);
        table.entries.push_back({blkid_partition_get_partno(partition), uuid != nullptr ? uuid : "",
                                 name != nullptr ? name : ""});
    }
}

}  // namespace

Fd read_ahead(const char* path, bool table_only) {
    Fd fd(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    const off_t size = fd.valid() ? lseek(fd.get(), 0, SEEK_END) : 0;
    if (size <= 0) return fd;
    const std::span<const Place> superblocks(kSuperblocks);
    const std::span<const Place> places = table_only ? std::span(&kPartitionTable, 1) : superblocks;
    for (const Place& place : places) ask_for(fd.get(), size, place);
    for (const Place& place : places) {
        char byte = 0;
        const off_t offset = place.offset < 0 ? size + place.offset : place.offset;
        if (offset >= 0 && offset < size) (void)!pread(fd.get(), &byte, 1, offset);
    }
    return fd;
}

ProbeResult BlkidProber::probe(const std::string& path) {
    constexpr int kAmbivalent = -2;  // blkid_do_safeprobe's own value
    ProbeResult result;
    result.status = ProbeResult::Status::kUnreadable;
    Fd fd;
    const Probe probe = open_probe(path, fd, result.errnum);
    if (!probe) return result;

    const off_t size = blkid_probe_get_size(probe.get());
    const ZfsLabels zfs(size);
    for (const Place& place : kSuperblocks) ask_for(fd.get(), size, place);
    zfs.ask_for_lists(fd.get());
    blkid_probe_enable_superblocks(probe.get(), 1);
    blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL |
                                                       BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
    leave_out(probe.get(), !zfs.may_be_there(fd.get()));
    errno = 0;
    const int outcome = blkid_do_safeprobe(probe.get());
    if (outcome == 0) {
        result.status = ProbeResult::Status::kFound;
        result.signatures.push_back(signature_of(probe.get()));
    } else if (outcome == 1) {
        result.status = ProbeResult::Status::kNothing;
    } else if (outcome == kAmbivalent) {
        result.status = ProbeResult::Status::kAmbivalent;
        list_signatures(probe.get(), result);
    } else {
        // Most probers give -errno, some just -1.
        result.errnum = outcome < kAmbivalent ? -outcome : (errno != 0 ? errno : EIO);
    }
    held_ = std::move(fd);
    return result;
}

PartitionTable BlkidProber::read_partitions(const std::string& path) {
    PartitionTable table;
    Fd fd;
    const Probe probe = open_probe(path, fd, table.errnum);
    if (!probe) return table;
    ask_for(fd.get(), kPartitionTable.length, kPartitionTable);
    blkid_probe_enable_superblocks(probe.get(), 0);  // on by default
    blkid_probe_enable_partitions(probe.get(), 1);
    errno = 0;
    blkid_partlist list = blkid_probe_get_partitions(probe.get());
    if (list != nullptr) {
        copy_partitions(list, table);
    } else if (errno == EIO) {
        table.errnum = EIO;  // any other errno is a left-over: having no table is no error
    }
    return table;
}

// libblkid does not tell. struct btrfs_super_block: the magic at 64, num_devices at 136, both
// little-endian (linux/btrfs_tree.h).
std::uint64_t BlkidProber::btrfs_devices(const std::string& path) {
    constexpr off_t kSuperblock = 64 * kKiB;
    constexpr std::size_t kMagic = 64, kDevices = 136;
    constexpr std::string_view kBtrfs = "_BHRfS_M";
    char bytes[kDevices + sizeof(std::uint64_t)];
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) return 0;
    const ssize_t got = pread(fd.get(), bytes, sizeof bytes, kSuperblock);
    if (got != static_cast<ssize_t>(sizeof bytes)) return 0;
    if (std::string_view(bytes + kMagic, kBtrfs.size()) != kBtrfs) return 0;
    std::uint64_t count = 0;
    std::memcpy(&count, bytes + kDevices, sizeof count);
    return le64toh(count);
}

}  // namespace prologue
