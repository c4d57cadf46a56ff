// SPDX-License-Identifier: MIT
#include "init/hand_over.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/path.h"
#include "init/crash.h"
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

// What a directory lists. The type only decides which call is tried first; DT_UNKNOWN is legal.
struct Entry {
    std::string name;
    bool is_directory = false;
};

// All of a directory, read before any of it is removed: what a removal does to a stream is left open.
Result<std::vector<Entry>> read_entries(int fd) {
    std::vector<Entry> entries;
    alignas(std::uint64_t) char buffer[2048];
    for (;;) {
        const long got = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
        if (got < 0) return fail(Error::system("getdents", errno));
        if (got == 0) return entries;
        // Each: inode and offset, eight bytes each, then length, type and name.
        for (long at = 0; at < got;) {
            const char* record = buffer + at;
            std::uint16_t length = 0;
            std::memcpy(&length, record + 16, sizeof length);
            const std::string_view name = record + 19;
            if (name != "." && name != "..") {
                entries.push_back({std::string(name), record[18] == DT_DIR});
            }
            at += length;
        }
    }
}

// True for what another filesystem is mounted on: its contents are never ours to remove.
bool is_elsewhere(int directory, const char* name, dev_t device) {
    struct stat status {};
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_dev != device;
}

// Most directories in the root of an image are empty mount points by now, and hardly one below.
enum class Depth : std::uint8_t { kTop, kBelow };

bool empty_directory(int fd, dev_t device, Depth depth);

// An unlink works on the entry of the directory itself, which lies on `device`, and never on what is
// mounted over it (EBUSY). So only what is gone down into has to be asked where it lies.
bool remove_entry(int directory, const Entry& entry, dev_t device, Depth depth) {
    const char* name = entry.name.c_str();
    if (!entry.is_directory && unlinkat(directory, name, 0) == 0) return true;
    if (depth == Depth::kTop && unlinkat(directory, name, AT_REMOVEDIR) == 0) return true;
    const Fd child(openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child.valid()) {
        if (errno == ENOTDIR && unlinkat(directory, name, 0) == 0) return true;
        return is_elsewhere(directory, name, device);
    }
    struct stat status {};
    if (fstat(child.get(), &status) != 0) return false;
    if (status.st_dev != device) return true;
    const bool emptied = empty_directory(child.get(), device, Depth::kBelow);
    // A mount point in it makes this EBUSY or ENOTEMPTY: then the directory stays, as it must.
    return unlinkat(directory, name, AT_REMOVEDIR) == 0 && emptied;
}

bool empty_directory(int fd, dev_t device, Depth depth) {
    const Result<std::vector<Entry>> entries = read_entries(fd);
    if (!entries) return false;
    bool all = true;
    for (const Entry& entry : *entries) all = remove_entry(fd, entry, device, depth) && all;
    return all;
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

std::size_t empty_filesystem(int root_fd) {
    struct stat status {};
    if (fstat(root_fd, &status) != 0) return 1;
    return empty_directory(root_fd, status.st_dev, Depth::kTop) ? 0 : 1;
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
    if (empty_filesystem(old_root.get()) != 0) {
        log.write(LogLevel::kWarning, "switch_root: some of the initramfs could not be freed");
    }
    old_root.reset();
    log.write(LogLevel::kInfo, order.last_line);
    reopen_console();
    (void)umask(022);
    supervisor.restore();
    exec_init(order, sys);
    Error error = Error::system("exec", errno, order.init_path);
    // There is no way back into the initramfs, but PID 1 goes on: it shows the failure, and stops.
    catch_faults();
    const Result<> opened = supervisor.open();
    if (!opened) log.write(LogLevel::kError, describe(opened.error()));
    return error;
}

}  // namespace prologue
