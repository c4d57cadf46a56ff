// SPDX-License-Identifier: MIT
#include "init/service_session.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "init/base/program.h"
#include "init/rescue/terminal.h"

namespace prologue {
namespace {

constexpr int kCannotBegin = 127;  // as shells have it

void set_sane_modes(int fd) {
    termios mode{};
    if (tcgetattr(fd, &mode) != 0) return;  // no terminal has no modes
    mode.c_iflag = ICRNL | IXON | (mode.c_iflag & IUTF8);
    mode.c_oflag = OPOST | ONLCR;
    mode.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    rescue::set_usual_keys(mode);
    // The speed and the form of a character stay the kernel's.
    (void)tcsetattr(fd, TCSANOW, &mode);
}

}  // namespace

Result<> take_terminal(const std::string& name) {
    const std::string path = "/dev/" + name;
    // Non-blocking for the open alone: a modem line would wait for its carrier.
    Fd fd(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    const int failure = errno;
    if (!fd.valid() && name != kConsoleTty) return fail(Error::system("open", failure, path));
    if (fd.valid()) {
        (void)fcntl(fd.get(), F_SETFL, O_RDWR);
        for (int standard = 0; standard <= 2; ++standard) (void)dup2(fd.get(), standard);
    }
    // Taken from whoever had it: PID 1's children of before are gone.
    if (ioctl(STDIN_FILENO, TIOCSCTTY, 1) != 0 && errno != ENOTTY)
        return fail(Error::system("take terminal", errno, path));
    set_sane_modes(STDIN_FILENO);
    return {};
}

void ServiceSession::run() {
    const Result<> taken = take_terminal(order_.tty);
    if (!taken)
        log_.write(LogLevel::kError, "service " + order_.name() + ": " + describe(taken.error()));
    if (!taken) _exit(kCannotBegin);
    log_.write(LogLevel::kError, describe(execute(order_.program)));
    _exit(kCannotBegin);
}

}  // namespace prologue
