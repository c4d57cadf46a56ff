// SPDX-License-Identifier: MIT
#include "init/rescue/shell_line.h"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "init/rescue/terminal.h"

namespace prologue::rescue {
namespace {

constexpr std::size_t kMostKeys = 8 * 1024;  // typed ahead; a paste may be longer
constexpr Duration kTellEvery{1'000};
constexpr char kCtrlC = 3;

// SIGINT as something to read, as long as this lives; it is ignored before and afterwards.
class Interrupts {
  public:
    explicit Interrupts(Fd& fd) : fd_(fd) {
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGINT);
        (void)sigprocmask(SIG_BLOCK, &wanted, &before_);
        fd_.reset(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    ~Interrupts() {
        fd_.reset();
        (void)sigprocmask(SIG_SETMASK, &before_, nullptr);
    }
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

  private:
    Fd& fd_;
    sigset_t before_{};
};

}  // namespace

ShellLine::Event ShellLine::wait(Instant deadline, bool keys) {
    while (true) {
        // Without POLLIN it still tells of a terminal that is gone.
        pollfd entries[] = {{requests_, POLLIN, 0},
                            {0, static_cast<short>(keys ? POLLIN : 0), 0},
                            {interrupts_.get(), POLLIN, 0}};
        const int timeout = poll_timeout(deadline, sys_.now());
        const int ready = poll(entries, 3, timeout);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return Event::kEnd;
        if (entries[0].revents != 0) return Event::kMessage;
        if (entries[2].revents != 0) return Event::kInterrupt;
        if (entries[1].revents != 0) return keys && read_keys() ? Event::kKeys : Event::kEnd;
        if (ready == 0 && sys_.now() >= deadline) return Event::kDeadline;
    }
}

bool ShellLine::read_keys() {
    char buffer[256];
    const ssize_t got = read(0, buffer, sizeof buffer);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;  // hung up
    if (keys_.size() < kMostKeys) keys_.append(buffer, static_cast<std::size_t>(got));
    note_activity();
    return true;
}

void ShellLine::note_activity() {
    const Instant now = sys_.now();
    if (now < deadline_after(told_, kTellEvery)) return;
    told_ = now;
    tell(Request::kActive);
}

// False when it was the last one.
bool ShellLine::take_message(Message& message) {
    switch (receive(requests_, kMaxReply, message)) {
        case Receipt::kMessage: break;
        case Receipt::kNothing: message = {}; return true;
        case Receipt::kBad:
        case Receipt::kClosed: return false;
    }
    const bool leave = message.kind == static_cast<char>(Reply::kLeave);
    if (leave || message.kind == static_cast<char>(Reply::kText)) Terminal::write(message.text);
    return !leave;
}

bool ShellLine::next_byte(char& byte) {
    while (keys_.empty()) {
        Message message;
        switch (wait(kNever, true)) {
            case Event::kEnd: return false;
            case Event::kMessage:
                if (!take_message(message)) return false;
                break;
            default: break;
        }
    }
    byte = keys_.front();
    keys_.erase(0, 1);
    return true;
}

bool ShellLine::was_interrupted() {
    pollfd entry{0, POLLIN, 0};
    while (poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0 && read_keys()) continue;
    return keys_.find(kCtrlC) != std::string::npos;
}

bool ShellLine::ask(std::string_view line, config::Values& values) {
    const Interrupts interrupts(interrupts_);
    bool is_interrupted = was_interrupted();
    if (!send(requests_, Request::kLine, line.substr(0, kMaxRequest))) return false;
    while (true) {
        const Event event = is_interrupted ? Event::kInterrupt : wait(kNever, false);
        if (event == Event::kEnd) return false;
        if (event == Event::kInterrupt) {
            is_interrupted = false;
            signalfd_siginfo info{};
            while (read(interrupts_.get(), &info, sizeof info) > 0) continue;
            forget_keys();
            Terminal::write("^C\n");
            tell(Request::kInterrupt);
            continue;
        }
        Message message;
        if (!take_message(message)) return false;
        if (message.kind == static_cast<char>(Reply::kDone)) return true;
        const std::size_t equals = message.text.find('=');
        if (message.kind == static_cast<char>(Reply::kFact) && equals != std::string::npos)
            values.set_fact(message.text.substr(0, equals), message.text.substr(equals + 1));
    }
}

bool ShellLine::rest(Duration time) {
    const Instant deadline = deadline_after(sys_.now(), time);
    while (true) {
        Message message;
        switch (wait(deadline, false)) {
            case Event::kDeadline: return true;
            case Event::kEnd: return false;
            default:
                if (!take_message(message)) return false;
        }
    }
}

void ShellLine::forget_keys() {
    keys_.clear();
    (void)tcflush(0, TCIFLUSH);
}

}  // namespace prologue::rescue
