// SPDX-License-Identifier: MIT
#include "stages/devices/uevent_socket.h"

#include <cerrno>
#include <cstring>

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

namespace prologue {
namespace {

// Group 1 carries the kernel's own messages; group 2 is udevd's, in a format of its own.
constexpr unsigned kKernelGroup = 1;
// The default (212992) holds some 277 events; a machine with many disks sends thousands.
constexpr int kReceiveBuffer = 16 << 20;
// The kernel's payload is at most UEVENT_BUFFER_SIZE (2048) and the header line.
constexpr std::size_t kMessageLimit = 8192;
// So that one batch ends even while events keep coming.
constexpr int kBatchLimit = 512;

constexpr Literal kOp = "listen for devices";

void enlarge_buffer(int socket) {
    const int bytes = kReceiveBuffer;
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
    // Without CAP_NET_ADMIN the kernel gives what its limit allows. A smaller buffer costs at most
    // a rescan.
    (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// Any process may send to a netlink socket: only port 0 of the kernel, multicast, as root, counts.
bool comes_from_kernel(const sockaddr_nl& sender, msghdr& header) {
    if (sender.nl_pid != 0 || sender.nl_groups != kKernelGroup) return false;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS) continue;
        ucred credentials{};
        std::memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
        return credentials.uid == 0;
    }
    return false;
}

}  // namespace

Result<UeventSocket> UeventSocket::open(Sys& sys) {
    Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!fd.valid()) return fail(Error::system(kOp, errno));
    enlarge_buffer(fd.get());

    const int on = 1;
    if (setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
        return fail(Error::system(kOp, errno));
    }
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kKernelGroup;
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return fail(Error::system(kOp, errno));
    }
    return UeventSocket(sys, std::move(fd));
}

Instant UeventSocket::now() {
    return sys_->now();
}

Result<bool> UeventSocket::receive_one(EventBatch& batch) {
    char message[kMessageLimit];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    sockaddr_nl sender{};
    iovec part{message, sizeof message};
    msghdr header{};
    header.msg_name = &sender;
    header.msg_namelen = sizeof sender;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;

    const ssize_t size = recvmsg(socket_.get(), &header, 0);
    if (size < 0) {
        if (errno == EAGAIN) return false;
        if (errno == EINTR) return true;
        if (errno != ENOBUFS) return fail(Error::system(kOp, errno));
        batch.overrun = true;
        return true;
    }
    if (!comes_from_kernel(sender, header)) return true;
    if ((header.msg_flags & MSG_TRUNC) != 0) {
        batch.overrun = true;  // an event that cannot be read is one that was missed
        return true;
    }
    if (auto event = parse_uevent({message, static_cast<std::size_t>(size)})) {
        batch.events.push_back(std::move(*event));
    }
    return true;
}

Result<EventBatch> UeventSocket::wait(Instant deadline, int late_answers) {
    EventBatch batch;
    pollfd waiting[] = {{socket_.get(), POLLIN, 0}, {late_answers, POLLIN, 0}};
    const int ready = poll(waiting, 2, poll_timeout(deadline, now()));
    if (ready < 0 && errno != EINTR) return fail(Error::system(kOp, errno));
    if (ready <= 0) {
        // An interrupted wait, or one cut short by poll's 32-bit bound, has not timed out.
        batch.timed_out = ready == 0 && now() >= deadline;
        return batch;
    }
    batch.late_answer = waiting[1].revents != 0;
    for (int i = 0; i < kBatchLimit; ++i) {
        const bool more = TRY(receive_one(batch));
        if (!more) break;
    }
    return batch;
}

}  // namespace prologue
