// SPDX-License-Identifier: MIT
#include "stages/mount_failure.h"

#include <algorithm>
#include <cerrno>

#include "init/base/compose.h"
#include "stages/stages.h"

namespace prologue::mount_failure {
namespace {

// Types that one driver mounts, or that may be on one device at once, are of one kind: then it was not the
// type that made the mount fail.
std::string_view kind_of_type(std::string_view type) {
    if (type.starts_with("ext")) return "ext";
    if (type.starts_with("ntfs")) return "ntfs";
    if (type == "udf") return "iso9660";
    return type == "msdos" ? "vfat" : type;
}

// What is on the device that is to be mounted as something else; empty when that cannot be told soon.
std::string other_type_on(const MountRequest& request, dev_t number, StageContext& context) {
    if (number == 0 || request.type == "none") return {};
    constexpr Duration kLook(1'000);
    DeviceSpec spec;  // of a path
    spec.value = spec.text = request.source;
    const Instant deadline = std::min(context.deadline, context.sys.now() + kLook);
    const Result<Device> device = context.devices.find(spec, deadline, true);
    if (!device || kind_of_type(device->fstype) == kind_of_type(request.type)) return {};
    return device->fstype;
}

std::string hint_for_type(int errnum, const MountRequest& request, dev_t number,
                          StageContext& context) {
    const std::string& type = request.type;
    const std::string there = other_type_on(request, number, context);
    if (there == kLuksType.view())
        return compose("it is an encrypted LUKS container: {}", kLuksHint.str());
    if (is_disk_filesystem(there))
        return compose("'{}' is on it, not '{}': mend type= (or rootfstype=), or leave it out",
                       there, type);
    if (!there.empty()) return compose("'{}' is on it, not '{}'", there, type);
    if (errnum == ENODEV)
        return compose("'{}' is not in /proc/filesystems; add its module to a 'modules' line",
                       type);
    return compose("wrong type '{}' (blkid tells), a bad option in '{}', or a damaged superblock",
                   type, request.options);
}

}  // namespace

std::string hint(int errnum, const MountRequest& request, dev_t number, StageContext& context) {
    switch (errnum) {
        case ENODEV:
        case EINVAL: return hint_for_type(errnum, request, number, context);
        case EROFS:
        case EACCES:
            return has_mount_option(request.options, "ro")
                       ? "the device is read-only, and its journal must be replayed first; "
                         "options=ro,noload (xfs: ro,norecovery) mounts it as it is"
                       : "the device is read-only; mount it with options=ro";
        case EBUSY: return "the device is in use or already mounted in another way";
        case ENOENT: return "the source does not exist";
        default: return {};
    }
}

}  // namespace prologue::mount_failure
