// SPDX-License-Identifier: MIT
#include "init/base/sys_linux.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <ctime>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/fd.h"

namespace prologue {
namespace {

Result<> check(int result, Literal op, const std::string& object) {
    if (result < 0) return fail(Error::system(op, errno, object));
    return {};
}

FileType type_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG: return FileType::kRegular;
        case S_IFDIR: return FileType::kDirectory;
        case S_IFLNK: return FileType::kSymlink;
        case S_IFBLK: return FileType::kBlock;
        case S_IFCHR: return FileType::kCharacter;
        default: return FileType::kOther;
    }
}

FileInfo info_of(const struct stat& status) {
    return {type_of(status.st_mode), status.st_mode & 07777U, status.st_dev, status.st_rdev,
            static_cast<std::uint64_t>(status.st_size)};
}

// struct statx of linux/stat.h, of which musl 1.2.3 does not name the mount id.
struct StatxBuffer {
    std::uint32_t mask;
    unsigned char before[140];
    std::uint64_t mount_id;
    unsigned char behind[104];
};
static_assert(sizeof(StatxBuffer) == 256 && offsetof(StatxBuffer, mount_id) == 0x90);
constexpr unsigned kStatxMountId = 0x1000;

Result<> read_all(int fd, std::size_t limit, const std::string& path, std::string& text) {
    // Files of sysfs and procfs state no size, but most are short. A page on the stack serves them;
    // from musl's malloc each would be an mmap and a munmap.
    char chunk[4096];
    while (true) {
        // One byte over the limit is asked for, so that a file of exactly `limit` bytes is told from
        // a longer one.
        const std::size_t wanted = std::min(sizeof chunk, limit + 1 - text.size());
        const ssize_t got = read(fd, chunk, wanted);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Error::system("read", errno, path));
        if (got == 0) return {};
        text.append(chunk, static_cast<std::size_t>(got));
        if (text.size() > limit) return fail(Error::system("read", EFBIG, path));
    }
}

Result<> write_in_one_piece(int fd, const std::string& data, const std::string& path) {
    const ssize_t written = write(fd, data.data(), data.size());
    if (written < 0) return fail(Error::system("write", errno, path));
    // A short write to a control file would be half an order.
    if (static_cast<std::size_t>(written) != data.size()) {
        return fail(Error::system("write", EIO, path));
    }
    return {};
}

}  // namespace

Instant LinuxSys::now() {
    timespec time{};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);  // cannot fail with a valid clock and pointer
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Instant LinuxSys::children_time() {
    rusage usage{};
    (void)getrusage(RUSAGE_CHILDREN, &usage);  // cannot fail with a valid word and pointer
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

Result<std::string> LinuxSys::read_file(const std::string& path, std::size_t limit) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd.valid()) return fail(Error::system("open", errno, path));
    std::string text;
    TRY_VOID(read_all(fd.get(), limit, path, text));
    return text;
}

Result<> LinuxSys::write_file(const std::string& path, const std::string& data) {
    const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_TRUNC));
    if (!fd.valid()) return fail(Error::system("open", errno, path));
    return write_in_one_piece(fd.get(), data, path);
}

Result<> LinuxSys::create_file(const std::string& path, const std::string& data, mode_t mode) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    const Fd fd(open(path.c_str(), kFlags, mode));
    if (!fd.valid()) return fail(Error::system("open", errno, path));
    TRY_VOID(check(fchmod(fd.get(), mode), "chmod", path));
    return write_in_one_piece(fd.get(), data, path);
}

Result<FileInfo> LinuxSys::stat(const std::string& path) {
    struct stat status {};
    TRY_VOID(check(::stat(path.c_str(), &status), "stat", path));
    return info_of(status);
}

Result<FileInfo> LinuxSys::lstat(const std::string& path) {
    struct stat status {};
    TRY_VOID(check(::lstat(path.c_str(), &status), "lstat", path));
    return info_of(status);
}

Result<std::vector<std::string>> LinuxSys::list_dir(const std::string& path) {
    DIR* directory = opendir(path.c_str());
    if (directory == nullptr) return fail(Error::system("opendir", errno, path));
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    const int failure = errno;
    (void)closedir(directory);
    if (failure != 0) return fail(Error::system("readdir", failure, path));
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::string> LinuxSys::read_link(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t length = readlink(path.c_str(), target, sizeof target);
    if (length < 0) return fail(Error::system("readlink", errno, path));
    return std::string(target, static_cast<std::size_t>(length));
}

Result<> LinuxSys::make_dir(const std::string& path, mode_t mode) {
    return check(mkdir(path.c_str(), mode), "mkdir", path);
}

Result<> LinuxSys::remove_dir(const std::string& path) {
    return check(rmdir(path.c_str()), "rmdir", path);
}

Result<> LinuxSys::mount(const MountCall& call) {
    const int result = ::mount(call.source.c_str(), call.target.c_str(),
                               call.type.empty() ? nullptr : call.type.c_str(), call.flags,
                               call.data.empty() ? nullptr : call.data.c_str());
    return check(result, "mount", compose("{} on {}", call.source, call.target));
}

Result<> LinuxSys::unmount(const std::string& target, int flags) {
    return check(umount2(target.c_str(), flags), "umount", target);
}

Result<std::uint64_t> LinuxSys::mount_id(const std::string& path) {
    StatxBuffer status{};
    const long result = syscall(SYS_statx, AT_FDCWD, path.c_str(), 0, kStatxMountId, &status);
    if (result < 0) return fail(Error::system("statx", errno, path));
    if ((status.mask & kStatxMountId) == 0) return fail(Error::system("statx", ENOSYS, path));
    return status.mount_id;
}

std::string LinuxSys::kernel_release() {
    struct utsname names {};
    (void)uname(&names);  // fails for a wrong address alone
    return names.release;
}

Result<std::uint64_t> LinuxSys::filesystem_magic(const std::string& path) {
    struct statfs status {};
    TRY_VOID(check(::statfs(path.c_str(), &status), "statfs", path));
    return static_cast<std::uint64_t>(status.f_type);
}

Result<> LinuxSys::pivot_root(const std::string& new_root, const std::string& put_old) {
    const long result = syscall(SYS_pivot_root, new_root.c_str(), put_old.c_str());
    return check(static_cast<int>(result), "pivot_root", new_root);
}

Result<> LinuxSys::change_root(const std::string& path) {
    return check(chroot(path.c_str()), "chroot", path);
}

Result<> LinuxSys::change_dir(const std::string& path) {
    return check(chdir(path.c_str()), "chdir", path);
}

void LinuxSys::sync() {
    ::sync();
}

Result<> LinuxSys::stop_machine(StopKind kind) {
    // The constants are unsigned where they do not fit an int, which reboot() takes.
    const unsigned command = kind == StopKind::kPowerOff ? RB_POWER_OFF
                             : kind == StopKind::kHalt   ? RB_HALT_SYSTEM
                                                         : RB_AUTOBOOT;
    return check(::reboot(static_cast<int>(command)), "reboot", "");
}

}  // namespace prologue
