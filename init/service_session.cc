// SPDX-License-Identifier: MIT
#include "init/service_session.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "init/base/compose.h"
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

// The caller's session gets the terminal of descriptor 0; false: it is another's.
Result<bool> own_terminal(const std::string& path, TerminalUse use) {
    if (use == TerminalUse::kWrite) return false;
    if (ioctl(STDIN_FILENO, TIOCSCTTY, use == TerminalUse::kTake ? 1 : 0) == 0) return true;
    if (errno == ENOTTY) return true;  // a console without a terminal, which nobody can have
    if (errno == EPERM && use == TerminalUse::kTakeIfFree) return false;
    return fail(Error::system("take terminal", errno, path));
}

}  // namespace

Result<> open_terminal(const std::string& name, TerminalUse use) {
    const std::string path = "/dev/" + name;
    // Non-blocking for the open alone: a modem line would wait for its carrier.
    Fd fd(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    const int failure = errno;
    if (!fd.valid() && name != kConsoleTty) return fail(Error::system("open", failure, path));
    if (fd.valid()) {
        (void)fcntl(fd.get(), F_SETFL, O_RDWR);
        for (int standard = 0; standard <= 2; ++standard) (void)dup2(fd.get(), standard);
    }
    if (TRY(own_terminal(path, use))) {
        set_sane_modes(STDIN_FILENO);
        return {};
    }
    // What is typed there is for the owner.
    const Fd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.valid()) (void)dup2(nothing.get(), STDIN_FILENO);
    return {};
}

void ServiceSession::run() {
    const Result<> opened = open_terminal(order_.tty, use_);
    if (!opened)
        log_.write(LogLevel::kError,
                   compose("service {}: {}", order_.name(), describe(opened.error())));
    if (!opened) _exit(kCannotBegin);
    log_.write(LogLevel::kError, describe(execute(order_.program)));
    _exit(kCannotBegin);
}

}  // namespace prologue
