// SPDX-License-Identifier: MIT
#include "init/consoles.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "init/base/compose.h"

namespace prologue {
namespace {

constexpr std::size_t kMaxQueue = 32 * 1024;
constexpr std::size_t kMaxConsoles = 8;

}  // namespace

void Consoles::add(const std::string& name) {
    if (consoles_.size() == kMaxConsoles) return;
    const std::string path = "/dev/" + name;
    Console console;
    console.fd.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    console.readable = console.fd.valid();
    if (!console.fd.valid()) {
        console.fd.reset(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    }
    if (console.fd.valid()) consoles_.push_back(std::move(console));
}

void Consoles::open(Sys& sys, const std::vector<std::string>& extra) {
    consoles_.clear();
    std::vector<std::string> names = active_consoles(sys);
    for (const std::string& name : extra) {
        bool known = false;
        for (const std::string& other : names) known = known || other == name;
        if (!known) names.push_back(name);
    }
    for (const std::string& name : names) add(name);
}

void Consoles::close() {
    restore_input();
    consoles_.clear();
}

void Consoles::show(std::string_view text) {
    used_ = true;
    for (Console& console : consoles_) {
        const std::size_t room = kMaxQueue - std::min(kMaxQueue, console.queue.size());
        console.queue += text.substr(0, room);
        console.dropped += text.size() - std::min(room, text.size());
    }
    flush();
}

void Consoles::add_poll_entries(std::vector<pollfd>& entries, bool want_keys) const {
    for (const Console& console : consoles_) {
        const int out = console.queue.empty() ? 0 : POLLOUT;
        const int in = want_keys && console.readable ? POLLIN : 0;
        entries.push_back({out + in != 0 ? console.fd.get() : -1, static_cast<short>(out | in), 0});
    }
}

void Consoles::flush() {
    for (Console& console : consoles_) {
        while (!console.queue.empty()) {
            const ssize_t written =
                ::write(console.fd.get(), console.queue.data(), console.queue.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0 && errno == EAGAIN) break;
            if (written <= 0) {
                console.queue.clear();  // it is gone for good (EIO, ENODEV): nothing to wait for
                break;
            }
            console.queue.erase(0, static_cast<std::size_t>(written));
        }
        if (console.queue.empty() && console.dropped != 0) {
            console.queue =
                compose("\n[{} bytes were dropped here]\n", std::to_string(console.dropped));
            console.dropped = 0;
        }
    }
}

bool Consoles::drained() const {
    for (const Console& console : consoles_) {
        if (!console.queue.empty()) return false;
    }
    return true;
}

void Consoles::start_output() {
    for (Console& console : consoles_) {
        termios mode{};
        if (tcgetattr(console.fd.get(), &mode) != 0 || (mode.c_iflag & IXON) == 0) continue;
        // Taking the right to stop away starts the line (drivers/tty/n_tty.c, n_tty_set_termios()).
        mode.c_iflag &= ~static_cast<tcflag_t>(IXON);
        (void)tcsetattr(console.fd.get(), TCSANOW, &mode);
    }
}

void Consoles::wait_until_sent() {
    for (Console& console : consoles_) (void)tcdrain(console.fd.get());
}

void Consoles::prepare_keys() {
    for (Console& console : consoles_) {
        termios mode{};
        if (!console.readable || console.changed || tcgetattr(console.fd.get(), &mode) != 0)
            continue;
        console.saved.resize(sizeof mode);
        std::memcpy(console.saved.data(), &mode, sizeof mode);
        mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        console.changed = tcsetattr(console.fd.get(), TCSANOW, &mode) == 0;
    }
    (void)take_keys();  // what was typed before the question is no answer to it
}

void Consoles::restore_input() {
    for (Console& console : consoles_) {
        if (!console.changed) continue;
        termios mode{};
        std::memcpy(&mode, console.saved.data(), sizeof mode);
        // Best effort: a terminal that has gone away has no mode to restore.
        (void)tcsetattr(console.fd.get(), TCSANOW, &mode);
        console.changed = false;
    }
}

bool Consoles::can_read() const {
    for (const Console& console : consoles_) {
        if (console.readable) return true;
    }
    return false;
}

bool Consoles::take_keys() {
    bool any = false;
    for (Console& console : consoles_) {
        char keys[64];
        while (console.readable) {
            const ssize_t got = read(console.fd.get(), keys, sizeof keys);
            if (got > 0) any = true;
            // End of file or EIO: the line is dead, and polling it would spin.
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
                console.readable = false;
            if (got <= 0) break;
        }
    }
    return any;
}

}  // namespace prologue
