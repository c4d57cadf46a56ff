// SPDX-License-Identifier: MIT
// The seam between this program and the kernel. Everything that decides something (stages, executor,
// hand-over) reaches the machine through this interface, so that the same code runs on the fake
// system of the tests. errno is read behind this seam only.
//
// Paths are absolute or relative to the working directory as the kernel takes them. Every error is
// ErrorKind::kSystem with the call's name as `op` and the path as `object`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "init/base/clock.h"
#include "init/base/error.h"

namespace prologue {

enum class FileType : std::uint8_t { kRegular, kDirectory, kSymlink, kBlock, kCharacter, kOther };

struct FileInfo {
    FileType type = FileType::kOther;
    mode_t permissions = 0;  // the low twelve bits
    dev_t device = 0;        // st_dev: the filesystem it lies on
    dev_t node = 0;          // st_rdev of a device node
    std::uint64_t size = 0;  // bytes
};

// mount(2), word for word.
struct MountCall {
    std::string source, target, type;
    unsigned long flags = 0;
    std::string data;
};

enum class StopKind : std::uint8_t { kReboot, kPowerOff, kHalt };

// A program to run: execve(2)'s words, each list without its final null.
struct ProgramCall {
    std::string path;
    std::vector<std::string> argv;
    std::vector<std::string> envp;
};

class Sys {
  public:
    virtual ~Sys() = default;

    virtual Instant now() = 0;
    // Processor time of all children that were waited for so far, and of theirs.
    virtual Instant children_time() = 0;

    // The whole file, as far as `limit` bytes: a longer one is EFBIG.
    virtual Result<std::string> read_file(const std::string& path, std::size_t limit) = 0;
    // One write(2) of all of `data` into an existing file (sysfs and procfs want it in one piece).
    virtual Result<> write_file(const std::string& path, const std::string& data) = 0;
    // Makes the file, or empties one that is there; `mode` is taken as it is. Follows no symlink.
    virtual Result<> create_file(const std::string& path, const std::string& data, mode_t mode) = 0;
    virtual Result<FileInfo> stat(const std::string& path) = 0;  // follows symlinks
    virtual Result<FileInfo> lstat(const std::string& path) = 0;
    // Names without "." and "..", sorted by byte.
    virtual Result<std::vector<std::string>> list_dir(const std::string& path) = 0;
    virtual Result<std::string> read_link(const std::string& path) = 0;
    virtual Result<> make_dir(const std::string& path, mode_t mode) = 0;
    virtual Result<> remove_dir(const std::string& path) = 0;

    virtual Result<> mount(const MountCall& call) = 0;
    virtual Result<> unmount(const std::string& target, int flags) = 0;  // flags of umount2(2)
    // The id of the mount that `path` lies on, of the topmost where several are stacked (statx(2),
    // STATX_MNT_ID). ENOSYS before Linux 5.8.
    virtual Result<std::uint64_t> mount_id(const std::string& path) = 0;
    // uname(2)'s release, by which modules are filed: "6.1.0-50-amd64".
    virtual std::string kernel_release() = 0;
    // statfs(2)'s f_type.
    virtual Result<std::uint64_t> filesystem_magic(const std::string& path) = 0;
    virtual Result<> pivot_root(const std::string& new_root, const std::string& put_old) = 0;
    virtual Result<> change_root(const std::string& path) = 0;
    virtual Result<> change_dir(const std::string& path) = 0;

    // Runs a program in the caller's process group and waits for its end: the status of wait(2).
    virtual Result<int> run_program(const ProgramCall& call) = 0;
    // Execs the program under ptrace and ends it at the exec stop, before its first instruction:
    // proves that it is there, executable, of this architecture and has its interpreter. Where nobody
    // may trace, only that it may be executed.
    virtual Result<> trial_exec(const ProgramCall& call) = 0;

    virtual void sync() = 0;
    // reboot(2). Returns only when it failed.
    virtual Result<> stop_machine(StopKind kind) = 0;
};

}  // namespace prologue
