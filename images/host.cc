// SPDX-License-Identifier: MIT
#include "images/host.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <dirent.h>
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config/diagnostic.h"
#include "init/base/fd.h"

namespace prologue::images {
namespace {

// A name that is nearly there is nearly always what was meant.
std::string hint_for(int errnum, const std::string& path) {
    if (errnum == EISDIR) return "it is a directory; name a file in it";
    if (errnum == EACCES) return "this user may not read it: 'ls -ld' shows who may";
    if (errnum != ENOENT && errnum != ENOTDIR) return {};
    std::string parent(parent_of(path));
    if (parent.empty()) parent = path.starts_with('/') ? "/" : ".";
    DIR* directory = opendir(parent.c_str());
    if (directory == nullptr) return "there is no directory " + parent + " to look in";
    std::vector<std::string> names;
    while (const dirent* entry = readdir(directory)) names.emplace_back(entry->d_name);
    (void)closedir(directory);
    std::sort(names.begin(), names.end());
    return config::did_you_mean_hint(base_name(path), {names.begin(), names.end()});
}

Unexpected cannot_read(int errnum, const std::string& path) {
    return fail(Error::system("read", errnum, path).with_hint(hint_for(errnum, path)));
}

Result<> write_all(int fd, std::string_view data, const std::string& path) {
    while (!data.empty()) {
        const ssize_t written = write(fd, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(Error::system("write", errno, path));
        data.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_open(int fd, const std::string& path, std::size_t limit) {
    struct stat info = {};
    if (fstat(fd, &info) != 0) return cannot_read(errno, path);
    if (S_ISDIR(info.st_mode)) return cannot_read(EISDIR, path);
    std::string data;
    std::size_t used = 0;
    data.resize(static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)) + 1);
    for (;;) {
        if (used > limit) return cannot_read(EFBIG, path);
        if (used == data.size()) data.resize(data.size() * 2);
        const ssize_t got = read(fd, data.data() + used, data.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read(errno, path);
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    data.resize(used);
    return data;
}

// A file that is there already is still the old one, whole.
Error not_written(Error error) {
    if (error->errnum == ENOSPC || error->errnum == EDQUOT)
        error->hint = "nothing was replaced: old and new need room beside each other for a moment";
    return error;
}

Result<> write_in_place(const std::string& path, std::string_view data) {
    if (path == "-") return write_all(STDOUT_FILENO, data, "standard output");
    const Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.valid()) return fail(Error::system("open", errno, path));
    return write_all(file.get(), data, path);
}

Result<> fill_and_rename(const Fd& file, const std::string& temporary, const std::string& path,
                         std::string_view data, mode_t mode) {
    TRY_VOID(write_all(file.get(), data, path));
    // fchmod, since the umask has no say in what an image may be read by.
    if (fchmod(file.get(), mode) != 0) return fail(Error::system("chmod", errno, path));
    if (fsync(file.get()) != 0) return fail(Error::system("fsync", errno, path));
    if (rename(temporary.c_str(), path.c_str()) != 0)
        return fail(Error::system("rename", errno, path));
    return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return cannot_read(errno, path);
    return read_open(file.get(), path, limit);
}

Result<std::string> read_standard_input(std::size_t limit) {
    return read_open(STDIN_FILENO, std::string(kStandardInput), limit);
}

Result<std::string> read_start(const std::string& path, std::size_t count) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return cannot_read(errno, path);
    std::string data(count, '\0');
    const ssize_t got = read(file.get(), data.data(), data.size());
    if (got < 0) return cannot_read(errno, path);
    data.resize(static_cast<std::size_t>(got));
    return data;
}

Result<struct stat> stat_path(const std::string& path) {
    struct stat info = {};
    if (stat(path.c_str(), &info) != 0) return cannot_read(errno, path);
    return info;
}

Result<struct stat> lstat_path(const std::string& path) {
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0) return cannot_read(errno, path);
    return info;
}

Result<std::string> read_link(const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t length = readlink(path.c_str(), target.data(), target.size());
    if (length < 0) return fail(Error::system("readlink", errno, path));
    target.resize(static_cast<std::size_t>(length));
    return target;
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
    DIR* directory = opendir(path.c_str());
    if (directory == nullptr) return cannot_read(errno, path);
    std::vector<std::string> names;
    errno = 0;
    for (const dirent* entry = readdir(directory); entry != nullptr; entry = readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error = errno;
    (void)closedir(directory);
    if (error != 0) return fail(Error::system("read", error, path));
    std::sort(names.begin(), names.end());
    return names;
}

bool exists(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

Result<> keep_inputs(const std::string& output, const std::vector<std::string>& inputs) {
    const Result<struct stat> written = stat_path(output);
    if (!written) return {};  // a new file, or a place that the writer complains about
    for (const std::string& input : inputs) {
        const Result<struct stat> read = stat_path(input);
        if (!read || read->st_dev != written->st_dev || read->st_ino != written->st_ino) continue;
        return fail(Error::refused("write", output, "it is one of the inputs: " + input)
                        .with_hint("name another file behind '-o'"));
    }
    return {};
}

bool is_directory(const std::string& path) {
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool is_block_device(const std::string& path) {
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 && S_ISBLK(info.st_mode);
}

Result<std::string> real_path(const std::string& path) {
    char* resolved = realpath(path.c_str(), nullptr);
    if (resolved == nullptr) return fail(Error::system("resolve", errno, path));
    std::string text = resolved;
    std::free(resolved);  // NOLINT: realpath(3) allocates with malloc
    return text;
}

Result<> write_output(const std::string& path, std::string_view data, mode_t mode) {
    struct stat info = {};
    if (path == "-" || (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)))
        return write_in_place(path, data);
    std::string temporary = path + ".XXXXXX";
    const Fd file(mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) return fail(not_written(Error::system("create", errno, path)));
    Result<> done = fill_and_rename(file, temporary, path, data, mode);
    if (done) return done;
    (void)unlink(temporary.c_str());
    return fail(not_written(std::move(done).error()));
}

Result<> make_directory(const std::string& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
    return fail(Error::system("mkdir", errno, path));
}

Result<std::string> executable_directory() {
    const std::string self = TRY(read_link("/proc/self/exe"));
    return std::string(parent_of(self));
}

std::string running_kernel() {
    struct utsname name = {};
    (void)uname(&name);  // cannot fail with a valid pointer
    return name.release;
}

std::string join_path(std::string_view directory, std::string_view name) {
    while (name.starts_with('/')) name.remove_prefix(1);
    std::string path(directory);
    if (!path.empty() && !path.ends_with('/')) path += '/';
    return path.append(name);
}

std::string_view base_name(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view parent_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace prologue::images
