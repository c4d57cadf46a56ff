// SPDX-License-Identifier: MIT
// Key files, read past every buffer of a library.   Source: crypttab(5), unshare(2).
#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/fd.h"
#include "stages/luks/tools.h"

namespace prologue {
namespace {

// cryptsetup's own bound.
constexpr std::uint64_t kMostKey = 8ULL * 1024 * 1024;

class KeyFiles final : public KeySource {
  public:
    KeyFiles(Sys& sys, const std::vector<std::string>& gone) : sys_(sys), gone_(gone) {}
    Result<Secret> read(const KeyFile& file) override;
    Result<bool> destroy(const std::string& path) override;
    Result<> make_mounts_private() override;

  private:
    Sys& sys_;
    const std::vector<std::string>& gone_;
};

Error cannot(const KeyFile& file, std::string why) {
    return Error::refused("read key", file.path, std::move(why));
}

// How many bytes of the file are the key. Devices have no size to go by, and a key on one is said to
// have one.
Result<std::uint64_t> key_size(const KeyFile& file, int fd) {
    struct stat info {};
    if (fstat(fd, &info) != 0) return fail(Error::system("stat", errno, file.path));
    const bool is_regular = S_ISREG(info.st_mode);
    if (!is_regular && !file.size) {
        return fail(
            cannot(file, "is no regular file, so keyfile-size= must say how long the key is"));
    }
    const auto length = static_cast<std::uint64_t>(info.st_size);
    if (is_regular && file.offset >= length) {
        return fail(cannot(file, compose("has {} bytes, and the key begins at {}",
                                         std::to_string(length), std::to_string(file.offset))));
    }
    const std::uint64_t size = file.size.value_or(length - file.offset);
    if (size > kMostKey) return fail(cannot(file, "the key is longer than 8 MiB"));
    if (size == 0) return fail(cannot(file, "the key is empty"));
    return size;
}

// In a ramfs or tmpfs this is where the bytes are.
Result<> overwrite(int fd, off_t size, const std::string& path) {
    constexpr char kNothing[4096] = {};
    for (off_t done = 0; done < size;) {
        const auto most = std::min<off_t>(size - done, sizeof kNothing);
        const ssize_t written = pwrite(fd, kNothing, static_cast<std::size_t>(most), done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(Error::system("overwrite key", errno, path));
        done += written;
    }
    if (ftruncate(fd, 0) != 0) return fail(Error::system("truncate key", errno, path));
    return {};
}

}  // namespace

Result<Secret> KeyFiles::read(const KeyFile& file) {
    const Fd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd.valid() && errno == ENOENT &&
        std::find(gone_.begin(), gone_.end(), file.path) != gone_.end()) {
        return fail(cannot(file, "is gone: a key of the image is overwritten before a shell opens")
                        .with_hint("copy it to its place again, or ask for a passphrase with "
                                   "key=prompt"));
    }
    if (!fd.valid()) return fail(Error::system("read key", errno, file.path));
    const std::uint64_t size = TRY(key_size(file, fd.get()));
    Secret key = TRY(Secret::with_room(size));
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = pread(fd.get(), key.room().data() + done, size - done,
                                  static_cast<off_t>(file.offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Error::system("read key", errno, file.path));
        if (got == 0) {
            return fail(cannot(file, compose("ends after {} of {} bytes", std::to_string(done),
                                             std::to_string(size))));
        }
        done += static_cast<std::size_t>(got);
    }
    key.resize(done);
    // A page that nobody needs is one less with the key in it.
    (void)posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    return key;
}

Result<bool> KeyFiles::destroy(const std::string& path) {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR)) return false;
    if (!fd.valid()) return fail(Error::system("overwrite key", errno, path));
    struct stat info {};
    if (fstat(fd.get(), &info) != 0) return fail(Error::system("stat", errno, path));
    const FileInfo root = TRY(sys_.stat("/"));
    if (!S_ISREG(info.st_mode) || info.st_dev != root.device) return false;
    TRY_VOID(overwrite(fd.get(), info.st_size, path));
    if (unlink(path.c_str()) != 0) return fail(Error::system("remove key", errno, path));
    return true;
}

Result<> KeyFiles::make_mounts_private() {
    if (unshare(CLONE_NEWNS) != 0) return fail(Error::system("unshare", errno, "mounts"));
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return fail(Error::system("mount", errno, "/ private"));
    }
    return {};
}

std::unique_ptr<KeySource> make_key_files(Sys& sys, const std::vector<std::string>& gone) {
    return std::make_unique<KeyFiles>(sys, gone);
}

}  // namespace prologue
