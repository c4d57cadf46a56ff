// SPDX-License-Identifier: MIT
// Words that a yielded name must not take: filesystem types and options.
#include <algorithm>

#include "stages/stage.h"

namespace prologue {
namespace {

// Filesystems without a block device that early userspace has a use for ("nodev" of
// /proc/filesystems).
constexpr std::string_view kDeviceless[] = {
    "autofs",    "binfmt_misc", "bpf",      "cgroup",  "cgroup2",   "configfs",   "debugfs",
    "devpts",    "devtmpfs",    "efivarfs", "fusectl", "hugetlbfs", "mqueue",     "nfsd",
    "overlay",   "proc",        "pstore",   "ramfs",   "resctrl",   "rpc_pipefs", "securityfs",
    "selinuxfs", "smackfs",     "sysfs",    "tmpfs",   "tracefs",
};

// Their source is a tag, a host or a flash volume that only the filesystem understands.
constexpr std::string_view kVerbatim[] = {
    "9p", "afs", "ceph", "cifs", "jffs2", "nfs", "nfs4", "smb3", "ubifs", "virtiofs", "zfs",
};

constexpr std::string_view kOnDisks[] = {
    "bcachefs", "btrfs",  "erofs", "exfat", "ext2",     "ext3", "ext4", "f2fs", "iso9660",
    "msdos",    "nilfs2", "ntfs",  "ntfs3", "squashfs", "udf",  "vfat", "xfs",
};
constexpr std::string_view kOtherTypes[] = {"crypto_LUKS", "fuse", "none", "swap"};

// Option words of stages that come later, and the other namespaces of `${…}`.
constexpr std::string_view kLater[] = {
    "board",    "cmdline",        "discard",      "header", "if",       "key",   "key-device",
    "key-slot", "keyfile-offset", "keyfile-size", "mac",    "roothash", "tries", "upper",
};

// The generic options of libmount (libmount/src/optmap.c) that mean something here.
constexpr std::string_view kMountFlags[] = {
    "async",      "atime",       "bind",          "defaults", "dev",        "diratime",   "dirsync",
    "exec",       "iversion",    "kernel",        "lazytime", "loud",       "mand",       "move",
    "noatime",    "nodev",       "nodiratime",    "noexec",   "noiversion", "nolazytime", "nomand",
    "nosuid",     "nosymfollow", "nostrictatime", "private",  "rbind",      "relatime",   "remount",
    "norelatime", "ro",          "rprivate",      "rshared",  "rslave",     "rw",         "shared",
    "silent",     "slave",       "strictatime",   "suid",     "sync",       "unbindable",
};

// Options of single filesystems that come near to one of these.
constexpr std::string_view kOwnFlags[] = {"nobarrier", "noload", "nolock",
                                          "noquota",   "nosync", "nouuid"};

template <std::size_t N>
bool is_one_of(const std::string_view (&list)[N], std::string_view word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool is_option_of(std::span<const OptionSpec> options, std::string_view word) {
    return std::any_of(options.begin(), options.end(), [&](const OptionSpec& option) {
        return option.need == Need::kOption && config::same_keyword(option.name, word);
    });
}

}  // namespace

bool is_deviceless_type(std::string_view type) {
    if (type == kFstabSource.view()) return true;
    return is_one_of(kDeviceless, type);
}

bool takes_verbatim_source(std::string_view type) {
    return is_one_of(kVerbatim, type) || type.starts_with("fuse.");
}

bool is_disk_filesystem(std::string_view type) {
    return is_one_of(kOnDisks, type);
}

bool is_mount_flag(std::string_view word) {
    return is_one_of(kMountFlags, word);
}

std::string_view mount_flag_near(std::string_view word) {
    constexpr std::size_t kLeast = 5;  // shorter ones are near to too much
    const bool has_value = word.find('=') != std::string_view::npos;
    if (has_value || word.size() < kLeast || is_mount_flag(word) || is_one_of(kOwnFlags, word))
        return {};
    return config::did_you_mean(word, {std::begin(kMountFlags), std::end(kMountFlags)});
}

bool is_reserved_name(std::string_view name) {
    if (name.starts_with("cmdline.") || name.starts_with("board.")) return true;
    if (is_deviceless_type(name) || takes_verbatim_source(name) || is_one_of(kOnDisks, name) ||
        is_one_of(kOtherTypes, name))
        return true;
    for (const std::string_view word : kLater) {
        if (config::same_keyword(word, name)) return true;
    }
    if (is_option_of(common_options(), name)) return true;
    for (const StageType* type : stage_table()) {
        if (is_option_of(type->options, name)) return true;
    }
    return false;
}

}  // namespace prologue
