// SPDX-License-Identifier: MIT
#include "init/rescue/terminal.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init/base/fd.h"

namespace prologue::rescue {
namespace {

// Whatever the last owner has left of it.
void make_sane(termios& mode) {
    mode.c_iflag &= ~static_cast<tcflag_t>(IGNBRK | INLCR | IGNCR | ISTRIP | IXOFF);
    mode.c_iflag |= BRKINT | ICRNL | IXON | IUTF8;
    mode.c_oflag |= OPOST | ONLCR;
    mode.c_cflag |= CREAD | CLOCAL;  // a console has no modem that could hang up
    mode.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN;
    set_usual_keys(mode);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
}

}  // namespace

void set_usual_keys(termios& mode) {
    mode.c_cc[VINTR] = 3;
    mode.c_cc[VQUIT] = 28;
    mode.c_cc[VERASE] = 127;
    mode.c_cc[VKILL] = 21;
    mode.c_cc[VEOF] = 4;
    mode.c_cc[VSUSP] = 26;
}

Result<> Terminal::take(const std::string& path) {
    // Non-blocking for the open alone: it would wait for a modem's carrier.
    Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd.valid()) return fail(Error::system("open", errno, path));
    // Out of the way of 0 to 2, which may be free.
    fd.reset(fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
    if (!fd.valid()) return fail(Error::system("dup", errno, path));
    if (tcgetattr(fd.get(), &cooked_) != 0) return fail(Error::system("tcgetattr", errno, path));
    // 1: also from a session that is gone but for its terminal.
    if (ioctl(fd.get(), TIOCSCTTY, 1) != 0) return fail(Error::system("TIOCSCTTY", errno, path));
    (void)fcntl(fd.get(), F_SETFL, O_RDWR);
    for (int standard = 0; standard <= 2; ++standard) {
        if (dup2(fd.get(), standard) < 0) return fail(Error::system("dup2", errno, path));
    }
    make_sane(cooked_);
    (void)tcflush(0, TCIFLUSH);
    return {};
}

// A terminal that has gone away has no mode; reading from it tells.
void Terminal::make_raw() {
    set_raw(0);
}

void Terminal::make_waiting() {
    set_raw(ISIG | NOFLSH);
}

void Terminal::set_raw(tcflag_t kept) {
    termios raw = cooked_;
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | BRKINT);
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_lflag |= kept;
    (void)tcsetattr(0, TCSADRAIN, &raw);
}

void Terminal::make_cooked() {
    (void)tcsetattr(0, TCSADRAIN, &cooked_);
}

std::size_t Terminal::columns() {
    winsize size{};
    return ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

void Terminal::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(1, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;  // it is gone: reading from it tells
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Terminal::give_back() {
    make_cooked();  // TCSADRAIN: sent before the session ends, which drops what is not
}

}  // namespace prologue::rescue
