// SPDX-License-Identifier: MIT
// Source: unix(7), epoll(7); Linux mm/filemap.c: a read waits for its page whatever signal comes, and the
// last close of a disk for its pages.
#include "stages/devices/careful_prober.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace prologue {
namespace {

// A disk that spins up takes longer; it is looked at again when it has.
constexpr Duration kPatience{2'000}, kLeast{100};
constexpr std::size_t kLongestPath = 256;

[[noreturn]] void read_for(int fd) {
    char request[kLongestPath + 2];
    // Held until the next one: the kernel forgets the pages of a disk that nobody has open.
    Fd disk;
    while (true) {
        const ssize_t got = recv(fd, request, sizeof request - 1, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) _exit(0);
        request[got] = '\0';
        disk = read_ahead(request + 1, request[0] == 't');
        (void)send(fd, "", 1, MSG_NOSIGNAL);  // nobody there: the next recv() tells
    }
}

// "/dev/sda" and its partitions, but not "/dev/sdaa".
bool is_on_disk(std::string_view path, std::string_view disk) {
    if (!path.starts_with(disk)) return false;
    path.remove_prefix(disk.size());
    if (path.starts_with('p')) path.remove_prefix(1);
    return path.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

CarefulProber::~CarefulProber() {
    reader_.fd.reset();
    if (reader_.pid > 0) (void)waitpid(reader_.pid, nullptr, 0);  // it has nothing to do
    for (const Reader& reader : held_up_) (void)kill(reader.pid, SIGKILL);
}

void CarefulProber::begin_pass(std::size_t disks, Instant deadline) {
    is_careful_ = disks > 1;
    const Instant now = sys_.now();
    patience_ = deadline_after(now, kPatience);
    // Some of the time is for what is found.
    if (deadline != kNever)
        patience_ = std::min(patience_, now + std::max((deadline - now) / 2, Instant(kLeast)));
    take_late_answers();
}

bool CarefulProber::start_reader() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
    Fd here(ends[0]);
    const Fd there(ends[1]);
    const pid_t pid = fork();
    if (pid == 0) {
        // Else one that is held up would keep the others' sockets from closing.
        here.reset();
        for (Reader& reader : held_up_) reader.fd.reset();
        read_for(there.get());
    }
    if (pid < 0) return false;
    reader_ = {pid, std::move(here), {}};
    return true;
}

bool CarefulProber::answers(const std::string& path, char what) {
    if (!is_careful_ || path.size() > kLongestPath) return true;
    const bool is_held_up = std::any_of(held_up_.begin(), held_up_.end(), [&](const Reader& one) {
        return is_on_disk(path, one.path);
    });
    if (is_held_up) return false;
    // Without another process the disk is read by this one, for better or worse.
    if (!reader_.fd.valid() && !start_reader()) return true;
    const std::string request = what + path;
    (void)send(reader_.fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
    // A dead disk may have used up all of it, and the next one is sound.
    const Instant patience = std::max(patience_, deadline_after(sys_.now(), kLeast));
    pollfd entry{reader_.fd.get(), POLLIN, 0};
    int ready = 0;
    do {
        ready = poll(&entry, 1, poll_timeout(patience, sys_.now()));
    } while (ready < 0 && errno == EINTR);
    char answer = 0;
    if (ready == 1 && recv(reader_.fd.get(), &answer, 1, 0) == 1) return true;
    reader_.path = path;
    const bool is_alive = ready == 0;
    if (is_alive) leave_behind(std::move(reader_));
    reader_ = {};
    return !is_alive;
}

void CarefulProber::leave_behind(Reader reader) {
    if (!late_.valid()) late_.reset(epoll_create1(EPOLL_CLOEXEC));
    epoll_event event{};
    event.events = EPOLLIN;
    // A late answer that cannot be heard is one that does not come.
    (void)epoll_ctl(late_.get(), EPOLL_CTL_ADD, reader.fd.get(), &event);
    held_up_.push_back(std::move(reader));
}

void CarefulProber::take_late_answers() {
    std::erase_if(held_up_, [](Reader& reader) {
        char answer = 0;
        if (recv(reader.fd.get(), &answer, 1, MSG_DONTWAIT) < 0) return false;
        reader.fd.reset();
        (void)waitpid(reader.pid, nullptr, 0);  // it has read, and ends now
        return true;
    });
}

ProbeResult CarefulProber::probe(const std::string& path) {
    if (answers(path, 's')) return prober_.probe(path);
    ProbeResult result;
    result.status = ProbeResult::Status::kUnreadable;
    result.errnum = ETIMEDOUT;
    return result;
}

PartitionTable CarefulProber::read_partitions(const std::string& path) {
    if (answers(path, 't')) return prober_.read_partitions(path);
    PartitionTable table;
    table.errnum = ETIMEDOUT;
    return table;
}

std::uint64_t CarefulProber::btrfs_devices(const std::string& path) {
    return prober_.btrfs_devices(path);  // of a disk that has answered
}

}  // namespace prologue
