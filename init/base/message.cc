// SPDX-License-Identifier: MIT
#include "init/base/message.h"

#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>

namespace prologue {

bool send_message(int socket, char letter, std::span<const char> bytes) {
    iovec parts[] = {{&letter, 1}, {const_cast<char*>(bytes.data()), bytes.size()}};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    ssize_t sent = 0;
    do {
        sent = sendmsg(socket, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(bytes.size() + 1);
}

}  // namespace prologue
