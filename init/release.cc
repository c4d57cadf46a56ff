// SPDX-License-Identifier: MIT
#include "init/release.h"

#include <sys/mount.h>

#include "init/base/mountinfo.h"
#include "stages/stages.h"

namespace prologue {
namespace {

// An overlay has none itself, but keeps what it lies on in use.
bool has_something_behind_it(const MountEntry& mount) {
    return mount.type == "overlay" || (mount.type != "rootfs" && !is_deviceless_type(mount.type));
}

}  // namespace

std::vector<Error> release_filesystems(Sys& sys) {
    std::vector<Error> errors;
    const Result<std::vector<MountEntry>> mounts = read_mounts(sys);
    if (!mounts) return {mounts.error()};
    for (std::size_t i = mounts->size(); i-- > 0;) {
        const MountEntry& mount = (*mounts)[i];
        if (!has_something_behind_it(mount)) continue;
        if (mount.target != "/" && sys.unmount(mount.target, 0)) continue;
        const Result<> changed = sys.mount({"none", mount.target, "", MS_REMOUNT | MS_RDONLY, {}});
        if (!changed) errors.push_back(changed.error());
    }
    return errors;
}

}  // namespace prologue
