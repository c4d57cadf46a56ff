// SPDX-License-Identifier: MIT
#include "init/stop.h"

#include <charconv>

#include "init/base/split.h"
#include "init/release.h"

namespace prologue {
namespace {

// How long the disks may stand still while they are written to, and how long all of it may take.
constexpr Duration kSyncPatience{10'000};
constexpr Duration kSyncBound{30 * 60'000};
constexpr Duration kLookEvery{500};
constexpr std::size_t kProcLimit = std::size_t{256} * 1024;

std::uint64_t take_number(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
    std::uint64_t number = 0;
    const auto end = std::from_chars(line.data(), line.data() + line.size(), number).ptr;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    return number;
}

// Requests that the disks have answered so far; 0 when the kernel does not say.
std::uint64_t answered_requests(Sys& sys) {
    const Result<std::string> disks = sys.read_file("/proc/diskstats", kProcLimit);
    std::string_view rest = disks ? std::string_view(*disks) : std::string_view();
    std::uint64_t sum = 0;
    while (!rest.empty()) {
        // "  8  0 sda 1079 13 …": reads, three numbers about them, writes. The name may have digits.
        std::string_view line = take_part(rest, '\n');
        (void)take_number(line);
        (void)take_number(line);
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        (void)take_part(line, ' ');
        sum += take_number(line);
        for (int skipped = 0; skipped < 3; ++skipped) (void)take_number(line);
        sum += take_number(line);
    }
    return sum;
}

// What the page cache has yet to write, in KiB: of a server's filesystem no disk tells.
std::uint64_t unwritten_kib(Sys& sys) {
    const Result<std::string> memory = sys.read_file("/proc/meminfo", kProcLimit);
    std::uint64_t sum = 0;
    for (const std::string_view key : {"\nDirty:", "\nWriteback:"}) {
        const std::size_t at = memory ? memory->find(key) : std::string::npos;
        if (at == std::string::npos) continue;
        std::string_view rest = std::string_view(*memory).substr(at);
        sum += take_number(rest);
    }
    return sum;
}

// Ends the child that writes out once nothing moves any more. A disk that is slow is waited for: what it
// has not taken when the machine stops is lost.
class Patience final : public Watch {
  public:
    Patience(Sys& sys, Supervisor& supervisor) : sys_(sys), supervisor_(supervisor) {}

    [[nodiscard]] Instant wants_turn_at() const override { return next_look_; }
    void react(std::span<const pollfd>) override {
        const Instant now = sys_.now();
        if (now < next_look_) return;
        next_look_ = deadline_after(now, kLookEvery);
        const std::uint64_t answered = answered_requests(sys_), unwritten = unwritten_kib(sys_);
        if (answered != answered_ || unwritten < unwritten_)
            end_ = deadline_after(now, kSyncPatience);
        answered_ = answered;
        unwritten_ = std::min(unwritten_, unwritten);
        if (now >= end_) supervisor_.cancel_child();
    }

  private:
    Sys& sys_;
    Supervisor& supervisor_;
    Instant next_look_{0}, end_{0};
    std::uint64_t answered_ = UINT64_MAX, unwritten_ = UINT64_MAX;
};

class SyncTask final : public ChildTask {
  public:
    explicit SyncTask(Sys& sys) : sys_(sys) {}
    std::string run() override {
        // First of all, so that as much as can be is on the disks when a filesystem holds up the rest.
        sys_.sync();
        std::string text;
        for (const Error& error : release_filesystems(sys_)) text += describe(error) + "\n";
        return text;
    }

  private:
    Sys& sys_;
};

class StopTask final : public ChildTask {
  public:
    StopTask(Sys& sys, StopKind kind) : sys_(sys), kind_(kind) {}
    std::string run() override {
        const Result<> stopped = sys_.stop_machine(kind_);
        return stopped ? std::string() : describe(stopped.error());
    }

  private:
    Sys& sys_;
    StopKind kind_;
};

}  // namespace

void stop_machine(StopKind kind, Sys& sys, Supervisor& supervisor, Log& log) {
    supervisor.ignore_stop_requests();
    SyncTask sync_task(sys);
    // A disk that does not answer must not keep the machine from stopping.
    Patience patience(sys, supervisor);
    supervisor.watch(patience);
    const auto synced =
        supervisor.run_child("sync", sync_task, deadline_after(sys.now(), kSyncBound));
    supervisor.unwatch(patience);
    if (synced && synced->kind != ChildEnd::Kind::kExited)
        log.write(LogLevel::kWarning, "filesystems are left as they are: " + synced->activity);
    if (synced && !synced->message.empty())
        log.write(LogLevel::kWarning, "not left clean: " + synced->message);
    stop_at_once(kind, sys, supervisor);
}

void stop_at_once(StopKind kind, Sys& sys, Supervisor& supervisor, Duration bound) {
    supervisor.ignore_stop_requests();
    StopTask stop_task(sys, kind);
    const auto end = supervisor.run_child("stop", stop_task, deadline_after(sys.now(), bound));
    // No child to be had: the call from PID 1 is better than a machine that stays on.
    if (!end) (void)sys.stop_machine(kind);
    // A driver holds the call up for ever. A watchdog that nobody feeds any more resets the machine; and
    // this asks no driver (drivers/tty/sysrq.c).
    supervisor.unwatch_all();
    if (kind == StopKind::kReboot) (void)sys.write_file("/proc/sysrq-trigger", "b");
    while (true) supervisor.wait(kNever, false);
}

}  // namespace prologue
