// SPDX-License-Identifier: MIT
// Source: libblkid's low-level probing (blkid_do_safeprobe, blkid_probe_get_partitions).
#include "stages/devices/prober.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <blkid/blkid.h>
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

// Superblocks lie in the first 256 KiB, those of RAID members at the end. libblkid turns readahead off
// and asks for one page after the other; asked for at once, they come in two reads side by side.
void read_ahead(int fd) {
    constexpr off_t kHead = 256 * 1024, kTail = 128 * 1024;
    const off_t size = lseek(fd, 0, SEEK_END);
    // Advice only: what cannot be read shows when libblkid reads it.
    (void)posix_fadvise(fd, 0, kHead, POSIX_FADV_WILLNEED);
    if (size > kHead + kTail) (void)posix_fadvise(fd, size - kTail, kTail, POSIX_FADV_WILLNEED);
}

// Opens `path` and hands it to a new probe. O_NONBLOCK: an optical drive without a disc must not
// make open(2) wait or fail. No O_EXCL: a disk in use by md or dm may still be read.
Probe open_probe(const std::string& path, Fd& fd, int& errnum) {
    fd.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) {
        errnum = errno;
        return {};
    }
    read_ahead(fd.get());
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

ProbeResult BlkidProber::probe(const std::string& path) {
    constexpr int kAmbivalent = -2;  // blkid_do_safeprobe's own value
    ProbeResult result;
    result.status = ProbeResult::Status::kUnreadable;
    Fd fd;
    const Probe probe = open_probe(path, fd, result.errnum);
    if (!probe) return result;

    blkid_probe_enable_superblocks(probe.get(), 1);
    blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL |
                                                       BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
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

}  // namespace prologue
