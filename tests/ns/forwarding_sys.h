// SPDX-License-Identifier: MIT
// The real system with a few calls that fail on demand.
#pragma once

#include <cerrno>
#include <string>

#include <sys/mount.h>

#include "init/base/sys_linux.h"
#include "init/log.h"
#include "tests/ns/sandbox.h"

namespace prologue::ns {

class ForwardingSys : public Sys {
  public:
    unsigned failing_move = 0;  // the n-th MS_MOVE is EINVAL
    bool can_pivot = true;
    bool shows_rootfs = false;  // the tmpfs of the sandbox counts as what the kernel unpacked

    Instant now() override { return sys_.now(); }
    Instant children_time() override { return sys_.children_time(); }
    Result<std::string> read_file(const std::string& path, std::size_t limit) override {
        Result<std::string> text = sys_.read_file(path, limit);
        if (!shows_rootfs || !text || path != "/proc/self/mountinfo") return text;
        const std::size_t root = text->find(" / / ");
        const std::size_t type = text->find(" - tmpfs ", root);
        EXPECT(root != std::string::npos && type != std::string::npos);
        return text->replace(type, 9, " - rootfs ");
    }
    Result<> write_file(const std::string& path, const std::string& data) override {
        return sys_.write_file(path, data);
    }
    Result<> create_file(const std::string& path, const std::string& data, mode_t mode) override {
        return sys_.create_file(path, data, mode);
    }
    Result<FileInfo> stat(const std::string& path) override { return sys_.stat(path); }
    Result<FileInfo> lstat(const std::string& path) override { return sys_.lstat(path); }
    Result<std::vector<std::string>> list_dir(const std::string& path) override {
        return sys_.list_dir(path);
    }
    Result<std::string> read_link(const std::string& path) override { return sys_.read_link(path); }
    Result<> make_dir(const std::string& path, mode_t mode) override {
        return sys_.make_dir(path, mode);
    }
    Result<> remove_dir(const std::string& path) override { return sys_.remove_dir(path); }
    Result<> mount(const MountCall& call) override {
        const bool fails = (call.flags & MS_MOVE) != 0 && ++moves_ == failing_move;
        if (fails) return fail(Error::system("mount", EINVAL, call.source));
        return sys_.mount(call);
    }
    Result<> unmount(const std::string& target, int flags) override {
        return sys_.unmount(target, flags);
    }
    Result<std::uint64_t> mount_id(const std::string& path) override { return sys_.mount_id(path); }
    std::string kernel_release() override { return sys_.kernel_release(); }
    Result<std::uint64_t> filesystem_magic(const std::string& path) override {
        return sys_.filesystem_magic(path);
    }
    Result<> pivot_root(const std::string& new_root, const std::string& put_old) override {
        if (!can_pivot) return fail(Error::system("pivot_root", EINVAL, new_root));
        return sys_.pivot_root(new_root, put_old);
    }
    Result<> change_root(const std::string& path) override { return sys_.change_root(path); }
    Result<> change_dir(const std::string& path) override { return sys_.change_dir(path); }
    Result<int> run_program(const ProgramCall& call) override { return sys_.run_program(call); }
    Result<> trial_exec(const ProgramCall& call) override { return sys_.trial_exec(call); }
    void sync() override {}  // the host's disks have nothing to do with it
    Result<> stop_machine(StopKind kind) override { return sys_.stop_machine(kind); }

  private:
    LinuxSys sys_;
    unsigned moves_ = 0;
};

class SilentLog final : public Log {
  public:
    void write(LogLevel level, Text text) override {
        if (level <= LogLevel::kWarning) warnings.append(text).append("\n");
    }
    std::string warnings;
};

}  // namespace prologue::ns
