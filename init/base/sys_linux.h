// SPDX-License-Identifier: MIT
// The seam on the real kernel.
#pragma once

#include "init/base/sys.h"

namespace prologue {

class LinuxSys final : public Sys {
  public:
    Instant now() override;
    Instant children_time() override;
    Result<std::string> read_file(const std::string& path, std::size_t limit) override;
    Result<> write_file(const std::string& path, const std::string& data) override;
    Result<> create_file(const std::string& path, const std::string& data, mode_t mode) override;
    Result<FileInfo> stat(const std::string& path) override;
    Result<FileInfo> lstat(const std::string& path) override;
    Result<std::vector<std::string>> list_dir(const std::string& path) override;
    Result<std::string> read_link(const std::string& path) override;
    Result<> make_dir(const std::string& path, mode_t mode) override;
    Result<> remove_dir(const std::string& path) override;
    Result<> mount(const MountCall& call) override;
    Result<> unmount(const std::string& target, int flags) override;
    Result<std::uint64_t> mount_id(const std::string& path) override;
    std::string kernel_release() override;
    Result<std::uint64_t> filesystem_magic(const std::string& path) override;
    Result<> pivot_root(const std::string& new_root, const std::string& put_old) override;
    Result<> change_root(const std::string& path) override;
    Result<> change_dir(const std::string& path) override;
    Result<int> run_program(const ProgramCall& call) override;
    Result<> trial_exec(const ProgramCall& call) override;
    void sync() override;
    Result<> stop_machine(StopKind kind) override;
};

}  // namespace prologue
