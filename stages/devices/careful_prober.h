// SPDX-License-Identifier: MIT
// A prober that no disk can hold up. A disk that has died may never answer a read, and no signal ends the
// process that waits for it; so another one reads first, and is left behind when the answer does not
// come in time. Such a disk counts as one that cannot be read (ETIMEDOUT), until it answers after all.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "init/base/sys.h"
#include "stages/devices/prober.h"

namespace prologue {

class CarefulProber final : public Prober {
  public:
    // `sys` must outlive it.
    explicit CarefulProber(Sys& sys) : sys_(sys) {}
    ~CarefulProber() override;
    CarefulProber(const CarefulProber&) = delete;
    CarefulProber& operator=(const CarefulProber&) = delete;

    // With one disk there is nothing to be found beside it, and it is read at once.
    void begin_pass(std::size_t disks, Instant deadline) override;
    ProbeResult probe(const std::string& path) override;
    PartitionTable read_partitions(const std::string& path) override;
    std::uint64_t btrfs_devices(const std::string& path) override;
    [[nodiscard]] int late_answers() const override { return late_.get(); }

  private:
    // The process that reads, and this end of the sockets to it.
    struct Reader {
        pid_t pid = -1;
        Fd fd;
        std::string path;  // that it was asked to read
    };
    bool start_reader();
    // False when the disk has not answered in time. `what` is 't' for the partition table alone.
    bool answers(const std::string& path, char what);
    void take_late_answers();
    void leave_behind(Reader reader);

    Sys& sys_;
    BlkidProber prober_;
    bool is_careful_ = false;
    Instant patience_{0};
    Reader reader_;
    std::vector<Reader> held_up_;
    Fd late_;  // epoll(7): the sockets of those that are held up
};

}  // namespace prologue
