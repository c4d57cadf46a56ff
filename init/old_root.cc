// SPDX-License-Identifier: MIT
#include "init/old_root.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/base/descriptors.h"
#include "init/base/error.h"
#include "init/log.h"

namespace prologue {
namespace {

constexpr int kReadyMs = 1'000;

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

void free_it(int root) {
    if (empty_filesystem(root)) return;
    KernelLog log;  // of the new root's /dev: what the process was given is closed
    log.open();
    log.write(LogLevel::kWarning, "switch_root: some of the initramfs could not be freed");
}

class Freeing final : public SessionTask {
  public:
    Freeing(int root, int lifeline) : root_(root), lifeline_(lifeline) {}

    void run() override {
        if (fchdir(root_) != 0) return;
        const int parent = keep_one_descriptor(lifeline_);
        // It takes turns with the real init, but never its place when it wakes. Not by the library: that
        // of musl refuses.
        const sched_param none{};
        (void)syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &none);
        (void)send(parent, "", 1, MSG_NOSIGNAL);
        // The exec ends the other side, without a word.
        char kept = 0;
        if (recv(parent, &kept, 1, 0) > 0) return;
        const Fd root(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        free_it(root.get());
    }

  private:
    int root_;
    int lifeline_;
};

}  // namespace

bool empty_filesystem(int root_fd) {
    struct stat status {};
    return fstat(root_fd, &status) == 0 && empty_directory(root_fd, status.st_dev, Depth::kTop);
}

void OldRoot::free_after_exec(Supervisor& supervisor) {
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return free_it(root_.get());
    lifeline_ = Fd(ends[0]);
    Fd of_child(ends[1]);
    Freeing task(root_.get(), of_child.get());
    if (!supervisor.start("initramfs", task)) return free_it(root_.get());
    of_child.reset();
    // Until it says that it has closed all it was given, or has ended: the real init may want a device
    // that only one can have open.
    pollfd answer = {lifeline_.get(), POLLIN, 0};
    char ready = 0;
    if (poll(&answer, 1, kReadyMs) > 0) (void)recv(lifeline_.get(), &ready, 1, MSG_DONTWAIT);
}

void OldRoot::keep() {
    if (lifeline_.valid()) (void)send(lifeline_.get(), "", 1, MSG_NOSIGNAL);
}

}  // namespace prologue
