// SPDX-License-Identifier: MIT
#include "init/role.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <sys/mount.h>

#include "init/base/mountinfo.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr Literal kMountPoints[] = {"/dev", "/proc", "/run", "/sys"};

bool is_mount_point(std::string_view path) {
    return std::find(std::begin(kMountPoints), std::end(kMountPoints), path) !=
           std::end(kMountPoints);
}

// EROFS for the first that is neither there nor can be made.
Result<> make_mount_points(Sys& sys) {
    for (const Literal path : kMountPoints) {
        if (sys.stat(path.str())) continue;
        const Result<> made = sys.make_dir(path.str(), 0755);
        if (!made && made.error()->errnum != EEXIST) return made;
    }
    return {};
}

Result<std::vector<std::string>> directories_of_root(Sys& sys) {
    std::vector<std::string> directories;
    for (const std::string& name : TRY(sys.list_dir("/"))) {
        const std::string path = "/" + name;
        const Result<FileInfo> info = sys.lstat(path);
        if (info && info->type == FileType::kDirectory) directories.push_back(path);
    }
    return directories;
}

Result<> stand_on_tmpfs(const std::vector<std::string>& directories, Sys& sys) {
    // Any directory will do until the tmpfs is the root; this program lies in one.
    if (directories.empty()) return fail(Error::system("mount", ENOENT, "/"));
    const std::string& place = directories.front();
    TRY_VOID(sys.mount({"tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"}));
    for (const Literal path : kMountPoints) TRY_VOID(sys.make_dir(place + path.str(), 0755));
    TRY_VOID(sys.make_dir(place + kRealRoot.str(), 0755));
    TRY_VOID(sys.pivot_root(place, place + kRealRoot.str()));
    TRY_VOID(sys.change_dir("/"));
    for (const std::string& path : directories) {
        if (is_mount_point(path) || path == kRealRoot.view()) continue;
        TRY_VOID(sys.make_dir(path, 0755));
        TRY_VOID(sys.mount({kRealRoot.str() + path, path, "", MS_BIND, {}}));
    }
    return {};
}

}  // namespace

Role decide_role(Sys& sys) {
    const Result<std::vector<MountEntry>> mounts = read_mounts(sys);
    if (!mounts) return Role::kFallback;
    return root_is_rootfs(*mounts, sys).value_or(false) ? Role::kInitramfs : Role::kFallback;
}

Result<bool> make_room_for_mounts(Sys& sys) {
    const Result<> made = make_mount_points(sys);
    if (made || made.error()->errnum != EROFS) return false;
    const std::vector<std::string> directories = TRY(directories_of_root(sys));
    TRY_VOID(stand_on_tmpfs(directories, sys));
    return true;
}

}  // namespace prologue
