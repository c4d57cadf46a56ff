// SPDX-License-Identifier: MIT
#include "images/needs.h"

#include <algorithm>

namespace prologue::images {
namespace {

// Sources: request_module() and crypto_alloc_*() calls of Linux 6.1 to 6.18; fs/nls/nls_base.c.
// clang-format off
constexpr Need kNeeds[] = {
    // The default code page and the default character sets of upstream and of Debian.
    {"vfat",         "nls_cp437", true},
    {"vfat",         "nls_ascii nls_iso8859-1 nls_utf8", true},
    {"msdos",        "nls_cp437", true},
    {"isofs",        "nls_utf8 nls_iso8859-1"},
    {"ntfs3",        "nls_utf8"},
    {"exfat",        "nls_utf8"},
    {"hfsplus",      "nls_utf8"},
    {"hfs",          "nls_utf8 nls_iso8859-1"},
    {"jfs",          "nls_utf8"},
    {"udf",          "nls_utf8"},
    // crypto_alloc_shash("crc32c"): since 6.14 a library, so nothing may be there to find.
    {"ext4",         "crypto-crc32c"},
    {"jbd2",         "crypto-crc32c"},
    {"xfs",          "crypto-crc32c"},
    {"libcrc32c",    "crypto-crc32c"},
    {"btrfs",        "crypto-crc32c xxhash_generic blake2b_generic sha256_generic"},
    {"f2fs",         "crypto-crc32"},
    {"bcachefs",     "crypto-crc32c xxhash_generic"},
    {"nvme_tcp",     "crypto-crc32c"},
    // LUKS writes aes-xts-plain64 since 2013, cbc-essiv:sha256 before.
    {"dm_crypt",     "xts", true},
    {"dm_crypt",     "aes_generic aesni_intel", true},
    {"dm_crypt",     "ecb cbc essiv sha256_generic sha256_ssse3"},
    {"xts",          "ecb"},
    {"dm_verity",    "sha256_generic sha256_ssse3"},
    {"dm_integrity", "crypto-crc32c"},
    // p9's transport is loaded by name at the mount.
    {"9p",           "9pnet_virtio", true},
    {"nfs",          "nfsv4 nfsv3"},
    {"zram",         "lzo-rle lzo zstd"},
};
// clang-format on

constexpr std::string_view kCoreFilesystems[] = {
    "autofs",    "bpf",    "cgroup", "cgroup2", "debugfs", "devpts",   "devtmpfs",
    "hugetlbfs", "mqueue", "proc",   "pstore",  "ramfs",   "rootfs",   "securityfs",
    "selinuxfs", "sysfs",  "tmpfs",  "tracefs", "none",    "configfs",
};

}  // namespace

std::span<const Need> need_table() {
    return kNeeds;
}

bool is_core_filesystem(std::string_view type) {
    return std::find(std::begin(kCoreFilesystems), std::end(kCoreFilesystems), type) !=
           std::end(kCoreFilesystems);
}

}  // namespace prologue::images
