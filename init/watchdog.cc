// SPDX-License-Identifier: MIT
#include "init/watchdog.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init/base/compose.h"

namespace prologue {
namespace {

// Fed so many times within its timeout: a busy machine may miss one.
constexpr int kFeedsInTimeout = 4;
// How long PID 1 may take to end a child that is past its deadline, above what it grants by itself.
constexpr Duration kSlack{2'000};

// The C libraries do not agree on the type of ioctl's request: int or unsigned long.
template <class T>
T type_of_request(int (*)(int, T, ...));

bool order(const Fd& device, unsigned request, void* data) {
    using Request = decltype(type_of_request(ioctl));
    return ioctl(device.get(), static_cast<Request>(request), data) == 0;
}

std::string identity_of(const watchdog_info& info) {
    std::string name;
    for (const unsigned char letter : info.identity) {
        if (letter == 0) break;
        name += letter >= 0x20 && letter < 0x7f ? static_cast<char>(letter) : '?';
    }
    return name;
}

}  // namespace

void Watchdog::start(const WatchdogSettings& settings, const std::string& directory,
                     const std::string& name) {
    settings_ = settings;
    path_ = compose("{}/{}", directory, name);
    // First the watch and then the look, so that none appears in between unseen.
    appearances_.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!appearances_.valid() ||
        inotify_add_watch(appearances_.get(), directory.c_str(), IN_CREATE) < 0) {
        log_.write(LogLevel::kWarning,
                   describe(Error::system("watch", errno, directory)) +
                       "; the watchdog is looked for at the beginning of a stage only");
        appearances_.reset();
    }
    open_device();
}

void Watchdog::open_device() {
    if (path_.empty() || device_.valid()) return;
    // Opening it starts it.
    device_.reset(open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!device_.valid()) {
        if (errno != ENOENT && errno != ENXIO && errno != ENODEV)
            log_.write(LogLevel::kWarning, describe(Error::system("open", errno, path_)));
        return;
    }
    appearances_.reset();
    set_timeout();
    feed();
}

void Watchdog::set_timeout() {
    using std::chrono::seconds;
    const auto wanted = std::chrono::ceil<seconds>(settings_.timeout);
    int timeout = static_cast<int>(wanted.count());
    const bool set = order(device_, WDIOC_SETTIMEOUT, &timeout);
    // One that takes no such order has a time of its own; where it does not tell, ours is assumed.
    if (!set && !order(device_, WDIOC_GETTIMEOUT, &timeout))
        timeout = static_cast<int>(wanted.count());
    const seconds real(std::max(timeout, 1));
    interval_ = std::chrono::duration_cast<Duration>(real) / kFeedsInTimeout;
    watchdog_info info{};
    const bool known = order(device_, WDIOC_GETSUPPORT, &info);
    log_.write(LogLevel::kInfo, compose("watchdog {}, {}", known ? identity_of(info) : path_,
                                        format_duration(real)));
    if (real != wanted)
        log_.write(LogLevel::kWarning,
                   compose("the watchdog's time is {}, not {}", format_duration(real),
                           format_duration(settings_.timeout)));
    if (known && settings_.keep && (info.options & WDIOF_MAGICCLOSE) == 0)
        log_.write(LogLevel::kWarning,
                   "the watchdog's driver stops it whenever it is closed, so at the hand-over too; "
                   "its parameter nowayout=1 keeps it running");
}

void Watchdog::feed() {
    // Any byte but the magic 'V'.
    if (write(device_.get(), "", 1) != 1)
        log_.write(LogLevel::kWarning, describe(Error::system("write", errno, path_)));
    next_feed_ = deadline_after(sys_.now(), interval_);
}

void Watchdog::hand_over() {
    if (path_.empty()) return;
    if (!device_.valid()) {
        log_.write(LogLevel::kWarning,
                   compose("no {} has appeared: nothing watches this boot", path_));
        return;
    }
    feed();
    if (settings_.keep) return;  // the exec closes it, without the magic
    if (write(device_.get(), "V", 1) != 1)
        log_.write(LogLevel::kWarning, describe(Error::system("write", errno, path_)));
    device_.reset();
    next_feed_ = kNever;
}

void Watchdog::add_poll_entries(std::vector<pollfd>& entries) {
    if (appearances_.valid()) entries.push_back({appearances_.get(), POLLIN, 0});
}

Instant Watchdog::wants_turn_at() const {
    // Past what is allowed there is nothing more to do: a turn would only make the loop spin.
    return device_.valid() && next_feed_ < allowed_until_ ? next_feed_ : kNever;
}

void Watchdog::on_begin(Instant deadline) {
    allowed_until_ = deadline_after(deadline, kKillGrace + kSlack);
    if (!device_.valid() && !appearances_.valid()) open_device();
}

void Watchdog::react(std::span<const pollfd> entries) {
    if (!entries.empty() && (entries.front().revents & POLLIN) != 0) {
        char events[4096];
        // What they say does not matter: one look at the path tells.
        while (read(appearances_.get(), events, sizeof events) > 0) continue;
        open_device();
    }
    const Instant now = sys_.now();
    if (device_.valid() && now >= next_feed_ && now < allowed_until_) feed();
}

}  // namespace prologue
