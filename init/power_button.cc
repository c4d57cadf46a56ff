// SPDX-License-Identifier: MIT
#include "init/power_button.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <linux/input.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init/base/compose.h"

namespace prologue {
namespace {

constexpr std::size_t kMostDevices = 128;
constexpr char kInputs[] = "/dev/input";
constexpr std::size_t kAttributeLimit = 4096;

// The kernel's own uevents (group 1). Closing the socket costs nothing, while that of an inotify
// descriptor, at the hand-over's exec, waits for a grace period of the kernel.
int open_uevents() {
    const int fd =
        socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = 1;
    if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    (void)close(fd);
    return -1;
}

// True when an input device may have come. Who sent the message does not matter, since it only makes
// us look.
bool drain_uevents(int fd) {
    char message[4096];
    bool any = false;
    while (true) {
        const ssize_t got = recv(fd, message, sizeof message, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == ENOBUFS)
            any = true;  // some were lost, so the next ones count as well
        if (got < 0 && errno != ENOBUFS) return any;
        const std::string_view text(message, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        any = any || text.find("SUBSYSTEM=input") != std::string_view::npos;
    }
}

}  // namespace

bool has_power_key(std::string_view capabilities) {
    constexpr std::size_t kBits = sizeof(unsigned long) * 8;
    while (capabilities.ends_with('\n')) capabilities.remove_suffix(1);
    for (std::size_t skipped = 0; skipped < KEY_POWER / kBits; ++skipped) {
        const std::size_t blank = capabilities.rfind(' ');
        if (blank == std::string_view::npos) return false;
        capabilities = capabilities.substr(0, blank);
    }
    const std::string_view word = capabilities.substr(capabilities.rfind(' ') + 1);
    unsigned long bits = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), bits, 16);
    return error == std::errc{} && end == word.data() + word.size() &&
           (bits >> (KEY_POWER % kBits) & 1U) != 0;
}

void PowerButton::arm() {
    if (armed_) return;
    armed_ = true;
    // Before the look, so that a device that comes during it is seen by one of the two.
    uevents_.reset(open_uevents());
    look_for_devices();
}

void PowerButton::look_for_devices() {
    // Without the directory there are no input devices yet.
    const std::vector<std::string> names =
        sys_.list_dir(kInputs).value_or(std::vector<std::string>());
    // A name that is gone may come back as another device.
    std::erase_if(looked_at_, [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) == names.end();
    });
    for (const std::string& name : names) {
        const bool known =
            std::find(looked_at_.begin(), looked_at_.end(), name) != looked_at_.end();
        if (known || !name.starts_with("event") || looked_at_.size() == kMostDevices) continue;
        looked_at_.push_back(name);
        const Result<std::string> keys = sys_.read_file(
            compose("/sys/class/input/{}/device/capabilities/key", name), kAttributeLimit);
        if (!keys || !has_power_key(*keys)) continue;
        const std::string path = kInputs + ("/" + name);
        Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (!fd.valid()) continue;
        log_.write(LogLevel::kDebug, "power button: " + path);
        devices_.push_back(std::move(fd));
    }
}

void PowerButton::add_poll_entries(std::vector<pollfd>& entries) const {
    if (uevents_.valid()) entries.push_back({uevents_.get(), POLLIN, 0});
    for (const Fd& device : devices_) entries.push_back({device.get(), POLLIN, 0});
}

// A device that has gone away is closed: polling it would spin.
bool PowerButton::read_device(Fd& device) {
    input_event events[16];
    bool pressed = false;
    while (true) {
        const ssize_t got = read(device.get(), events, sizeof events);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return pressed;
        if (got <= 0) {
            device.reset();
            return pressed;
        }
        const std::size_t count = static_cast<std::size_t>(got) / sizeof events[0];
        for (std::size_t i = 0; i < count; ++i) {
            const input_event& event = events[i];
            pressed =
                pressed || (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1);
        }
    }
}

bool PowerButton::take_press() {
    if (uevents_.valid() && drain_uevents(uevents_.get())) look_for_devices();
    bool pressed = false;
    for (Fd& device : devices_) pressed = read_device(device) || pressed;
    std::erase_if(devices_, [](const Fd& device) { return !device.valid(); });
    return pressed;
}

}  // namespace prologue
