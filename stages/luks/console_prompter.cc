// SPDX-License-Identifier: MIT
// Asks on all consoles at once, in a child that holds their descriptors itself. The lines stay in
// canonical mode, so that the terminal driver edits them (backspace, Ctrl-U) and keeps no copy past
// the read; without echo. What was typed before the question is thrown away.
// Source: termios(3), tty_ioctl(4).
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "init/base/console_names.h"
#include "init/base/fd.h"
#include "stages/devices/device_server.h"
#include "stages/keyboards.h"
#include "stages/luks/tools.h"

namespace prologue {
namespace {

// N_TTY's line, less its newline.
constexpr std::size_t kMostLine = 4096;
constexpr std::size_t kMostConsoles = 8;
// For the drivers of what is there, the keyboard's among them: a question that comes before them says that
// there is none.
constexpr Duration kFirstLook{2'000};

class Terminal {
  public:
    explicit Terminal(const std::string& name)
        : fd_(::open(("/dev/" + name).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    Terminal(Terminal&&) = default;
    Terminal& operator=(Terminal&&) = default;
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    ~Terminal() { restore(); }

    // False for what is no terminal that can be read.
    bool silence();
    void restore();
    // Echo and line editing as a terminal has them that nobody has changed.
    void make_sane();
    void show(std::string_view text) const;
    [[nodiscard]] int fd() const { return fd_.get(); }
    void hang_up() { fd_.reset(); }

  private:
    Fd fd_;
    termios saved_{};
    bool changed_ = false;
};

bool Terminal::silence() {
    if (!fd_.valid() || tcgetattr(fd_.get(), &saved_) != 0) return false;
    termios mode = saved_;
    mode.c_lflag |= ICANON;
    mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ECHOE | ECHOK | ISIG);
    mode.c_iflag |= ICRNL;
    // Not TCSAFLUSH, which waits without a bound for a line that stands still (Ctrl-S) to send what
    // it has.
    (void)tcflush(fd_.get(), TCIFLUSH);
    changed_ = tcsetattr(fd_.get(), TCSANOW, &mode) == 0;
    return changed_;
}

void Terminal::make_sane() {
    if (!fd_.valid() || tcgetattr(fd_.get(), &saved_) != 0) return;
    saved_.c_lflag |= ICANON | ISIG | ECHO | ECHOE | ECHOK;
    changed_ = true;
    show("\n");  // the question stands there
    restore();
}

void Terminal::restore() {
    if (!changed_ || !fd_.valid()) return;
    (void)tcflush(fd_.get(), TCIFLUSH);
    (void)tcsetattr(fd_.get(), TCSANOW, &saved_);  // one that has gone away needs no mode
    changed_ = false;
}

// A console that takes nothing loses the text: nobody waits for a line that stands still.
void Terminal::show(std::string_view text) const {
    while (!text.empty()) {
        const ssize_t written = ::write(fd_.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

class ConsolePrompter final : public Prompter {
  public:
    ConsolePrompter(Sys& sys, UeventListener* listener) : sys_(sys), listener_(listener) {}
    Result<Secret> ask(const Question& question) override;
    void tell(const std::string& text, Instant until) override;
    void make_sane(const std::vector<std::string>& consoles) override;

  private:
    [[nodiscard]] std::vector<std::string> names_of(const std::vector<std::string>& consoles) const;
    Result<> open(const Question& question);
    void show(std::string_view text);
    // A line of the first terminal that has one: its length, 0 for an empty one, nothing for none.
    std::optional<std::size_t> read_line(std::span<char> line);
    bool wait(Instant deadline);

    Sys& sys_;
    UeventListener* listener_;
    DeviceServer server_;
    std::vector<Terminal> terminals_;
};

std::vector<std::string> ConsolePrompter::names_of(const std::vector<std::string>& consoles) const {
    return consoles.empty() ? active_consoles(sys_) : consoles;
}

void ConsolePrompter::make_sane(const std::vector<std::string>& consoles) {
    for (const std::string& name : names_of(consoles)) Terminal(name).make_sane();
}

Result<> ConsolePrompter::open(const Question& question) {
    if (!terminals_.empty()) return {};
    const std::vector<std::string> names = names_of(question.consoles);
    std::string all;
    bool has_screen = false;
    for (const std::string& name : names) {
        all += " " + name;
        Terminal terminal(name);
        if (terminals_.size() >= kMostConsoles || !terminal.silence()) continue;
        has_screen = has_screen || is_screen(name);
        terminals_.push_back(std::move(terminal));
    }
    if (has_screen) show(missing_keyboard(sys_));
    if (!terminals_.empty()) return {};
    return fail(
        Error::not_found("ask for a passphrase", "console", "none of them can be read:" + all)
            .with_hint("name a console with console= on the kernel command line"));
}

void ConsolePrompter::show(std::string_view text) {
    for (const Terminal& terminal : terminals_) terminal.show(text);
}

bool ConsolePrompter::wait(Instant deadline) {
    std::vector<pollfd> entries;
    entries.reserve(terminals_.size());
    for (const Terminal& terminal : terminals_) entries.push_back({terminal.fd(), POLLIN, 0});
    if (poll(entries.data(), entries.size(), poll_timeout(deadline, sys_.now())) <= 0) return false;
    // A line that was hung up reads as an empty one, for ever.
    for (std::size_t i = 0; i < terminals_.size(); ++i) {
        if ((entries[i].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) terminals_[i].hang_up();
    }
    return true;
}

std::optional<std::size_t> ConsolePrompter::read_line(std::span<char> line) {
    for (Terminal& terminal : terminals_) {
        if (terminal.fd() < 0) continue;
        const ssize_t got = ::read(terminal.fd(), line.data(), line.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got < 0) {  // EIO: the line is gone, and polling it would spin
            terminal.hang_up();
            continue;
        }
        const auto length = static_cast<std::size_t>(got);
        return length > 0 && line[length - 1] == '\n' ? length - 1 : length;
    }
    return std::nullopt;
}

Result<Secret> ConsolePrompter::ask(const Question& question) {
    if (listener_ != nullptr) {
        const Instant look = deadline_after(sys_.now(), kFirstLook);
        // Without a process to be had, those are served at least that are there.
        if (!server_.begin(sys_, *listener_, std::min(look, question.deadline)))
            listener_->rescan();
    }
    TRY_VOID(open(question));
    Secret secret = TRY(Secret::with_room(kMostLine));
    show(question.text);
    while (sys_.now() < question.deadline) {
        if (!wait(question.deadline)) continue;
        const std::optional<std::size_t> length = read_line(secret.room());
        if (!length) {
            std::erase_if(terminals_, [](const Terminal& one) { return one.fd() < 0; });
            if (terminals_.empty()) TRY_VOID(open(question));
            continue;
        }
        show("\n");
        if (*length == 0) {  // Enter alone is no passphrase, however long it is held
            show(question.text);
            continue;
        }
        secret.resize(*length);
        return secret;
    }
    show("\n");
    return fail(Error::timeout("ask for a passphrase", "", "nobody answered in time")
                    .with_hint("timeout= of the line bounds how long it asks"));
}

void ConsolePrompter::tell(const std::string& text, Instant until) {
    show(text + "\n");
    // The wait is the point: it bounds how many passphrases a second can be tried by hand.
    while (sys_.now() < until) (void)poll(nullptr, 0, poll_timeout(until, sys_.now()));
    for (const Terminal& terminal : terminals_) (void)tcflush(terminal.fd(), TCIFLUSH);
}

}  // namespace

std::unique_ptr<Prompter> make_console_prompter(Sys& sys, UeventListener* listener) {
    return std::make_unique<ConsolePrompter>(sys, listener);
}

}  // namespace prologue
