// SPDX-License-Identifier: MIT
#include "init/rescue/protocol.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>

#include "init/base/message.h"

namespace prologue::rescue {

Result<Ends> make_link() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return fail(Error::system("socketpair", errno));
    return Ends{Fd(ends[0]), Fd(ends[1])};
}

bool send(int fd, char kind, std::string_view text) {
    return send_message(fd, kind, text);
}

bool send_text(int fd, std::string_view text) {
    bool good = true;
    while (good && !text.empty()) {
        good = send(fd, Reply::kText, text.substr(0, kMaxReply));
        text.remove_prefix(std::min(kMaxReply, text.size()));
    }
    return good;
}

Receipt receive(int fd, std::size_t most, Message& message) {
    char buffer[1 + std::max(kMaxRequest, kMaxReply)];
    ssize_t got = 0;
    do {
        // MSG_TRUNC: the length that was sent, however much of it fits.
        got = recv(fd, buffer, sizeof buffer, MSG_TRUNC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return errno == EAGAIN ? Receipt::kNothing : Receipt::kClosed;
    if (got == 0) return Receipt::kClosed;
    const auto length = static_cast<std::size_t>(got);
    if (length > most + 1) return Receipt::kBad;
    message.kind = buffer[0];
    message.text.assign(buffer + 1, length - 1);
    return Receipt::kMessage;
}

}  // namespace prologue::rescue
