// SPDX-License-Identifier: MIT
// Commands that look at files and copy them.
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/fd.h"
#include "init/base/path.h"
#include "init/rescue/commands.h"
#include "stages/stages.h"

namespace prologue::rescue {
namespace {

constexpr std::size_t kChunk = 16 * 1024;

bool takes(const Words& words, std::string_view option) {
    return words.size() > 1 && words[1] == option;
}

char letter_of(FileType type) {
    switch (type) {
        case FileType::kRegular: return '-';
        case FileType::kDirectory: return 'd';
        case FileType::kSymlink: return 'l';
        case FileType::kBlock: return 'b';
        case FileType::kCharacter: return 'c';
        case FileType::kOther: break;
    }
    return '?';
}

// "brw-r--r--  254,   0  vda", "lrwxrwxrwx           x -> y"
std::string long_row(const FileInfo& info, const std::string& name, const std::string& target) {
    constexpr char kLetters[] = "rwxrwxrwx";
    std::string mode(1, letter_of(info.type));
    for (unsigned bit = 0; bit < 9; ++bit)
        mode += (info.permissions & (0400U >> bit)) != 0 ? kLetters[bit] : '-';
    char middle[40];
    const bool device = info.type == FileType::kBlock || info.type == FileType::kCharacter;
    if (device) {
        (void)snprintf(middle, sizeof middle, " %4u, %4u ", major(info.node), minor(info.node));
    } else {
        (void)snprintf(middle, sizeof middle, " %10llu ",
                       static_cast<unsigned long long>(info.size));
    }
    return compose("{}{}{}{}\n", mode, middle, name, target.empty() ? "" : " -> " + target);
}

int list_one(const std::string& path, const std::string& name, CommandContext& context) {
    const Result<FileInfo> info = context.sys.lstat(path);
    if (!info) {
        context.fail(info.error());
        return 1;
    }
    std::string target;
    if (info->type == FileType::kSymlink) target = context.sys.read_link(path).value_or("?");
    context.write(long_row(*info, name, target));
    return 0;
}

int list_directory(const std::string& path, bool in_full, CommandContext& context) {
    const Result<std::vector<std::string>> names = context.sys.list_dir(path);
    if (!names) {
        context.fail(names.error());
        return 1;
    }
    int status = 0;
    for (const std::string& name : *names) {
        if (!in_full) {
            context.write(name + "\n");
        } else {
            status |= list_one(join_path(path, name), name, context);
        }
    }
    return status;
}

int list_path(const std::string& path, bool in_full, bool with_heading, CommandContext& context) {
    const Result<FileInfo> info = context.sys.stat(path);
    if (info && info->type == FileType::kDirectory) {
        if (with_heading) context.write(path + ":\n");
        return list_directory(path, in_full, context);
    }
    if (in_full) return list_one(path, path, context);
    const Result<FileInfo> itself = context.sys.lstat(path);
    if (!itself) {
        context.fail(itself.error());
        return 1;
    }
    context.write(path + "\n");
    return 0;
}

Fd open_file(const std::string& path, CommandContext& context) {
    Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd.valid()) context.fail(Error::system("open", errno, path));
    return fd;
}

Result<> copy_bytes(int from, int to, const std::string& source, const std::string& target) {
    std::string buffer(kChunk, '\0');
    while (true) {
        const ssize_t got = read(from, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Error::system("read", errno, source));
        if (got == 0) return {};
        for (ssize_t done = 0; done < got;) {
            const ssize_t put =
                write(to, buffer.data() + done, static_cast<std::size_t>(got - done));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return fail(Error::system("write", errno, target));
            done += put;
        }
    }
}

bool is_same_file(int a, int b) {
    struct stat one {
    }, other{};
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

}  // namespace

int run_ls(const Words& words, CommandContext& context) {
    const bool in_full = takes(words, "-l");
    const std::size_t first = in_full ? 2 : 1;
    if (words.size() <= first) return list_path(".", in_full, false, context);
    int status = 0;
    for (std::size_t i = first; i < words.size(); ++i) {
        status |= list_path(words[i], in_full, words.size() > first + 1, context);
    }
    return status;
}

int run_cat(const Words& words, CommandContext& context) {
    std::string buffer(kChunk, '\0');
    for (std::size_t i = 1; i < words.size(); ++i) {
        const Fd fd = open_file(words[i], context);
        if (!fd.valid()) return 1;
        while (true) {
            const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) {
                context.fail(Error::system("read", errno, words[i]));
                return 1;
            }
            if (got == 0) break;
            context.write(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
        }
    }
    return 0;
}

int run_cp(const Words& words, CommandContext& context) {
    const std::string& source = words[1];
    std::string target = words[2];
    const Result<FileInfo> there = context.sys.stat(target);
    if (there && there->type == FileType::kDirectory)
        target = join_path(target, source.substr(source.rfind('/') + 1));
    const Fd from = open_file(source, context);
    if (!from.valid()) return 1;
    struct stat status {};
    (void)fstat(from.get(), &status);
    if (S_ISDIR(status.st_mode)) {
        context.fail(Error::system("copy", EISDIR, source));
        return 1;
    }
    const bool is_new = !context.sys.stat(target).has_value();
    // Not cut before it is known to be another file.
    const Fd to(
        open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, status.st_mode & 0777));
    if (!to.valid()) {
        context.fail(Error::system("open", errno, target));
        return 1;
    }
    if (is_same_file(from.get(), to.get())) {
        context.fail(Error::refused("copy", source, "it is the same file as " + target));
        return 1;
    }
    struct stat old {};
    if (fstat(to.get(), &old) == 0 && S_ISREG(old.st_mode) && ftruncate(to.get(), 0) != 0) {
        context.fail(Error::system("truncate", errno, target));
        return 1;
    }
    const Result<> copied = copy_bytes(from.get(), to.get(), source, target);
    if (copied) return 0;
    if (is_new) (void)unlink(target.c_str());  // half a file is worse than none
    context.fail(copied.error());
    return 1;
}

int run_mkdir(const Words& words, CommandContext& context) {
    const bool parents = takes(words, "-p");
    int status = 0;
    for (std::size_t i = parents ? 2 : 1; i < words.size(); ++i) {
        const Result<> made =
            parents ? make_dirs(words[i], context.sys) : context.sys.make_dir(words[i], 0755);
        if (made) continue;
        context.fail(made.error());
        status = 1;
    }
    return status;
}

int run_echo(const Words& words, CommandContext& context) {
    std::string text;
    for (std::size_t i = 1; i < words.size(); ++i) text += (i == 1 ? "" : " ") + words[i];
    context.write(text + "\n");
    return 0;
}

int run_sync(const Words&, CommandContext& context) {
    context.sys.sync();
    return 0;
}

}  // namespace prologue::rescue
