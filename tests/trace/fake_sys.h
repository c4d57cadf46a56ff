// SPDX-License-Identifier: MIT
// A machine in memory, behind the seam `Sys`: a few small filesystems, a mount table that shows as
// /proc/self/mountinfo, a clock that moves with every call, a list of the calls, and faults that can
// be put on any of them. It behaves as Linux does where this program looks at the difference.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "init/base/sys.h"

namespace prologue::fake {

struct Node {
    FileType type = FileType::kRegular;
    mode_t permissions = 0755;
    std::string text{};  // a file's contents, a symlink's target
    dev_t node = 0;
};

struct Filesystem {
    dev_t device = 0;
    std::string type;
    std::map<std::string, Node> nodes{{"/", {FileType::kDirectory}}};  // by path from its top

    void add_dir(const std::string& path);
    void add_file(const std::string& path, std::string text, mode_t permissions = 0755);
    void add_link(const std::string& path, std::string target);
    void add_block(const std::string& path, dev_t number);
};

struct Mounted {
    std::string target;
    std::shared_ptr<Filesystem> filesystem;
    std::string top = "/";  // of a bind mount: what of the filesystem is seen
    std::string source;
    std::string options;
    std::uint64_t id = 0;  // attach() gives it
};

// Which call fails. Either the `index`-th call of all (from 1), or the `nth` one of kind `op`.
struct Fault {
    std::size_t index = 0;
    std::string op;
    unsigned nth = 0;
    int errnum = 0;
};

class FakeSys final : public Sys {
  public:
    FakeSys();

    Instant now() override { return clock_; }
    Instant children_time() override { return clock_ / 2; }  // everybody works half of the time
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
    std::string kernel_release() override { return "6.1.0-9"; }
    Result<std::uint64_t> filesystem_magic(const std::string& path) override;
    Result<> pivot_root(const std::string& new_root, const std::string& put_old) override;
    Result<> change_root(const std::string& path) override;
    Result<> change_dir(const std::string& path) override;
    Result<int> run_program(const ProgramCall& call) override;
    Result<> trial_exec(const ProgramCall& call) override;
    void sync() override;
    Result<> stop_machine(StopKind kind) override;

    // For the other fakes. Counts a call, and gives the error of the fault that is put on it. Calls
    // with `shown` text are acts and become a line of the trace.
    Result<> begin(Literal op, const std::string& object, std::string shown = {});
    // Ends the line of the last act with what came of it: " = ENODEV", " -> /dev/vda".
    Error failed(Literal op, int errnum, const std::string& object);
    void append(const std::string& text);
    void say(const std::string& line);  // a line of the trace that is no call
    void skip_to(Instant moment) { clock_ = std::max(clock_, moment); }

    // The machine itself; none of these is a call.
    Filesystem& root() { return *mounts_.front().filesystem; }
    std::shared_ptr<Filesystem> make_filesystem(const std::string& type);
    void attach(Mounted mounted);
    bool detach(const std::string& target);  // the topmost one, with all below it
    Mounted* mounted_at(const std::string& target);
    // The directory a mount of this process would go to: absolute, symlinks resolved.
    std::string full_path(const std::string& path);
    [[nodiscard]] const std::vector<Mounted>& mounts() const { return mounts_; }
    void set_fault(Fault fault) { fault_ = std::move(fault); }
    void use_template(const std::string& type, std::shared_ptr<Filesystem> filesystem);
    Node* find(const std::string& path);  // follows symlinks

    // A stage's child has a root and a working directory of its own.
    struct Place {
        std::string root, directory;
    };
    [[nodiscard]] Place place() const { return place_; }
    void set_place(Place place) { place_ = std::move(place); }

    [[nodiscard]] std::size_t calls() const { return calls_; }
    [[nodiscard]] const std::string& faulted_call() const { return faulted_call_; }
    [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }

  private:
    struct Found {
        std::string path;  // absolute, as the kernel's own root sees it
        Filesystem* filesystem = nullptr;
        std::uint64_t mount_id = 0;
        std::string inside;
        Node* node = nullptr;
    };
    Found look_up(const std::string& path, bool follow);
    Found at(const std::string& full);
    Result<FileInfo> info(Literal op, const std::string& path, bool follow);
    [[nodiscard]] std::string mountinfo() const;
    Result<> exec_check(Literal op, const ProgramCall& call);
    Result<> move(const std::string& from, const std::string& to);

    std::vector<Mounted> mounts_;
    std::map<std::string, std::shared_ptr<Filesystem>> templates_;  // proc, sysfs, devtmpfs
    Place place_{"/", "/"};
    Instant clock_ = std::chrono::seconds(1);
    dev_t next_device_ = 20;
    std::uint64_t next_mount_id_ = 20;
    Fault fault_;
    std::map<std::string, unsigned, std::less<>> counts_;
    std::size_t calls_ = 0;
    std::string faulted_call_;
    std::vector<std::string> trace_;
};

// "ro,nosuid" for mount(2) flags.
std::string flag_words(unsigned long flags);

}  // namespace prologue::fake
