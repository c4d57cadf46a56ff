// SPDX-License-Identifier: MIT
// Both ends of the socket between `decrypt` and the process that keeps a passphrase for it. A message
// is a letter and what belongs to it: "g" asks for the passphrase, "k" gives one to be kept; "p"
// answers with it, "n" says that there is none. No byte of it passes through a buffer that is not
// locked.   Source: unix(7).
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "init/base/descriptors.h"
#include "init/base/fd.h"
#include "init/base/message.h"
#include "stages/luks/tools.h"

namespace prologue {
namespace {

enum Letter : char { kGet = 'g', kKeep = 'k', kPassphrase = 'p', kNone = 'n' };

// What a console gives at most in one line (N_TTY).
constexpr std::size_t kMostPassphrase = 4096;
// The keeper does nothing else: an answer that takes longer does not come.
constexpr Duration kPatience{1'000};

struct Received {
    char letter;
    Secret bytes;
};

// Nothing at the end of the line, or when nothing has come and `flags` says MSG_DONTWAIT.
std::optional<Received> receive_message(int socket, int flags) {
    Result<Secret> room = Secret::with_room(kMostPassphrase);
    if (!room) return std::nullopt;
    Received message{0, std::move(*room)};
    iovec parts[] = {{&message.letter, 1},
                     {message.bytes.room().data(), message.bytes.room().size()}};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    ssize_t got = 0;
    do {
        got = recvmsg(socket, &header, flags);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return std::nullopt;
    message.bytes.resize(static_cast<std::size_t>(got) - 1);
    return message;
}

class Keeper final : public KeptPassphrase {
  public:
    Keeper(Sys& sys, int socket) : sys_(sys), socket_(socket) {}
    std::optional<Secret> get() override;
    void keep(const Secret& passphrase) override;

  private:
    Sys& sys_;
    int socket_;
};

std::optional<Secret> Keeper::get() {
    if (socket_ < 0) return std::nullopt;
    // An answer to somebody who was killed before he could read it.
    while (receive_message(socket_, MSG_DONTWAIT)) continue;
    if (!send_message(socket_, kGet, {})) return std::nullopt;
    pollfd entry{socket_, POLLIN, 0};
    const Instant deadline = deadline_after(sys_.now(), kPatience);
    while (poll(&entry, 1, poll_timeout(deadline, sys_.now())) < 0 && errno == EINTR) continue;
    std::optional<Received> answer = receive_message(socket_, MSG_DONTWAIT);
    if (!answer || answer->letter != kPassphrase) return std::nullopt;
    return std::move(answer->bytes);
}

void Keeper::keep(const Secret& passphrase) {
    // Where it cannot be kept, a person is asked once more.
    if (socket_ >= 0) (void)send_message(socket_, kKeep, passphrase.bytes());
}

// The socket becomes the only descriptor beside the three standard ones, which lead nowhere.
int give_up_descriptors(int socket) {
    const int line = keep_one_descriptor(socket);
    if (line < 0) return -1;
    const Fd nowhere(open("/dev/null", O_RDWR | O_CLOEXEC));
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (nowhere.valid()) {
            (void)dup2(nowhere.get(), fd);
        } else {
            (void)close(fd);
        }
    }
    return line;
}

}  // namespace

std::unique_ptr<KeptPassphrase> make_kept_passphrase(Sys& sys, int socket) {
    return std::make_unique<Keeper>(sys, socket);
}

void keep_passphrase(Sys& sys, int socket) {
    // What cannot be protected is not kept.
    if (!make_cryptsetup(sys)->protect_process()) return;
    const int line = give_up_descriptors(socket);
    if (line < 0) return;
    std::optional<Secret> kept;
    while (std::optional<Received> message = receive_message(line, 0)) {
        if (message->letter == kKeep && !kept) kept = std::move(message->bytes);
        if (message->letter != kGet) continue;
        const bool said =
            kept ? send_message(line, kPassphrase, kept->bytes()) : send_message(line, kNone, {});
        if (!said) return;
    }
}

}  // namespace prologue
