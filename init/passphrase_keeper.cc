// SPDX-License-Identifier: MIT
#include "init/passphrase_keeper.h"

#include <csignal>

#include <sys/socket.h>

#include "stages/luks/tools.h"

namespace prologue {
namespace {

constexpr Duration kGrace{1'000};

class KeeperTask final : public SessionTask {
  public:
    KeeperTask(Sys& sys, int socket) : sys_(sys), socket_(socket) {}
    void run() override { keep_passphrase(sys_, socket_); }

  private:
    Sys& sys_;
    int socket_;
};

}  // namespace

void PassphraseKeeper::begin() {
    if (is_over_ || line_.valid()) return;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
    Fd here(ends[0]);
    const Fd there(ends[1]);
    KeeperTask task(sys_, there.get());
    const Result<pid_t> started = supervisor_.start("keeper", task);
    if (!started) return;
    pid_ = *started;
    line_ = std::move(here);
    supervisor_.watch(*this);
}

void PassphraseKeeper::on_end(pid_t pid, int) {
    if (pid == pid_) pid_ = -1;
}

void PassphraseKeeper::wait_for_its_end() {
    const Instant deadline = deadline_after(sys_.now(), kGrace);
    while (pid_ > 0 && sys_.now() < deadline) supervisor_.wait_for_event(deadline);
}

void PassphraseKeeper::end() {
    is_over_ = true;
    if (!line_.valid()) return;
    // Not only closed: a child that is stuck in the kernel may still have it.
    (void)shutdown(line_.get(), SHUT_RDWR);
    line_.reset();
    wait_for_its_end();
    if (pid_ > 0) {
        (void)kill(pid_, SIGKILL);
        wait_for_its_end();
    }
    supervisor_.unwatch(*this);
}

}  // namespace prologue
