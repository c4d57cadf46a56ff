// SPDX-License-Identifier: MIT
#include "init/hand_over.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/path.h"
#include "init/crash.h"
#include "init/old_root.h"
#include "init/startup.h"
#include "init/systemd_state.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr Duration kProcessGrace{2'000};

// Mounts that hang directly below the old root: a tree moves with its top. The root itself, what
// lies below another one of these, and the new root with all that is in it are left out.
std::vector<MountEntry> top_mounts(const std::vector<MountEntry>& mounts,
                                   const std::string& new_root) {
    std::vector<const MountEntry*> sorted;
    for (const MountEntry& mount : mounts) sorted.push_back(&mount);
    // By path, so that a mount which a later one hides comes behind it and is not taken for a top;
    // of two on one path the earlier first.
    std::sort(sorted.begin(), sorted.end(), [](const MountEntry* a, const MountEntry* b) {
        const int order = a->target.compare(b->target);
        return order != 0 ? order < 0 : a < b;
    });
    std::vector<MountEntry> tops;
    for (const MountEntry* entry : sorted) {
        const MountEntry& mount = *entry;
        if (mount.target == "/" || path_is_below(mount.target, new_root)) continue;
        if (path_is_below(new_root, mount.target)) continue;
        bool covered = false;
        for (const MountEntry& top : tops) {
            covered = covered || path_is_below(mount.target, top.target);
        }
        if (!covered) tops.push_back(mount);
    }
    return tops;
}

// The directory in the new root that takes the mount: it must be there as a real directory. A
// symlink could lead out of the new root, and a root that is read-only cannot be given a directory.
bool can_take(const std::string& new_root, const std::string& target, Sys& sys) {
    std::size_t slash = new_root.size();
    while (slash != std::string::npos) {
        slash = target.find('/', slash + 1);
        const Result<FileInfo> info = sys.lstat(target.substr(0, slash));
        if (!info || info->type != FileType::kDirectory) return false;
    }
    return true;
}

void move_back(const std::vector<std::string>& moved, const std::string& new_root, Sys& sys) {
    for (std::size_t i = moved.size(); i-- > 0;) {
        // Best effort on the way back; the error that led here is the one that is shown.
        (void)sys.mount({join_path(new_root, moved[i]), moved[i], "", MS_MOVE, {}});
    }
}

Result<> leave_old_root(const std::string& new_root, Sys& sys) {
    TRY_VOID(sys.change_dir(new_root));
    if (sys.pivot_root(".", ".")) {
        // The old root lies over the new one now; without it only our descriptor leads there.
        TRY_VOID(sys.unmount(".", MNT_DETACH));
        return sys.change_dir("/");
    }
    // Before 7.0 rootfs cannot be pivoted away from: EINVAL.
    TRY_VOID(sys.mount({".", "/", "", MS_MOVE, {}}));
    TRY_VOID(sys.change_root("."));
    return sys.change_dir("/");
}

// Returns only when it failed. systemd's own options stand before the kernel's words, as its own initrd
// has them.
void exec_init(const HandOver& order, Sys& sys) {
    const Fd state = systemd_state(order.init_path, order.argv, order.began, sys);
    const std::string number = std::to_string(state.get());
    std::vector<char*> argv = {const_cast<char*>(order.init_path.c_str())};
    if (state.valid()) {
        for (const char* word : {"--switched-root", "--system", "--deserialize", number.c_str()})
            argv.push_back(const_cast<char*>(word));
    }
    for (std::size_t i = 1; order.argv[0] != nullptr && order.argv[i] != nullptr; ++i) {
        argv.push_back(order.argv[i]);
    }
    argv.push_back(nullptr);
    (void)execve(order.init_path.c_str(), argv.data(), order.envp);
}

}  // namespace

Result<std::vector<std::string>> move_mounts(const std::vector<MountEntry>& mounts,
                                             const std::string& new_root, Sys& sys, Log& log) {
    std::vector<std::string> moved;
    std::vector<std::string> left;
    for (const MountEntry& top : top_mounts(mounts, new_root)) {
        const std::string target = join_path(new_root, top.target);
        if (!can_take(new_root, target, sys)) {
            left.push_back(top.target);
            continue;
        }
        const Result<> result = sys.mount({top.target, target, "", MS_MOVE, {}});
        if (!result) {
            move_back(moved, new_root, sys);
            return fail(result.error());
        }
        moved.push_back(top.target);
    }
    for (const std::string& target : left) {
        log.write(LogLevel::kWarning, compose("switch_root: the new root has no directory {}; what "
                                              "is mounted there is left behind",
                                              target));
        // It lies under the new root in a moment; that it stays mounted there harms nobody.
        const Result<> detached = sys.unmount(target, MNT_DETACH);
        if (!detached) log.write(LogLevel::kWarning, describe(detached.error()));
    }
    return moved;
}

Error hand_over(const HandOver& order, Sys& sys, Supervisor& supervisor, Log& log) {
    // The stage's child has looked as well, but what follows removes all that is on "/": PID 1 believes
    // nobody.
    std::vector<MountEntry> mounts = read_mounts(sys).value_or(std::vector<MountEntry>());
    if (!root_is_rootfs(mounts, sys).value_or(false))
        return Error::refused("switch_root", order.new_root, "'/' is not an initramfs");
    Fd old_root(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!old_root.valid()) return Error::system("open", errno, "/");
    // One that had to be ended may have mounted something in between.
    if (supervisor.end_all_processes(kProcessGrace)) mounts = read_mounts(sys).value_or(mounts);
    // A move out of or into a shared parent is EINVAL; rootfs is private unless somebody changed it.
    Result<> result = sys.mount({"none", "/", "", MS_REC | MS_PRIVATE, {}});
    if (!result) return result.error();
    const Result<std::vector<std::string>> moved = move_mounts(mounts, order.new_root, sys, log);
    if (!moved) return moved.error();
    result = leave_old_root(order.new_root, sys);
    if (!result) {
        move_back(*moved, order.new_root, sys);
        return result.error();
    }
    // After a pivot as well: the detached rootfs keeps its files (7.2 does, seen in its Shmem).
    OldRoot left(std::move(old_root));
    left.free_after_exec(supervisor);
    log.write(LogLevel::kInfo, order.last_line);
    reopen_console();
    (void)umask(022);
    supervisor.restore();
    exec_init(order, sys);
    Error error = Error::system("exec", errno, order.init_path);
    left.keep();
    // There is no way back into the initramfs, but PID 1 goes on: it shows the failure, and stops.
    catch_faults();
    const Result<> opened = supervisor.open();
    if (!opened) log.write(LogLevel::kError, describe(opened.error()));
    return error;
}

}  // namespace prologue
