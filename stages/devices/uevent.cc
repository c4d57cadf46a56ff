// SPDX-License-Identifier: MIT
#include "stages/devices/uevent.h"

#include <algorithm>

namespace prologue {
namespace {

// Takes the text up to the next NUL (or the end) off the front of `rest`.
std::string_view next_string(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return text;
}

}  // namespace

std::string_view Uevent::name() const {
    const std::string_view path = devpath;
    return path.substr(path.rfind('/') + 1);  // npos + 1 is the whole text
}

std::optional<Uevent> parse_uevent(std::span<const char> message) {
    std::string_view rest(message.data(), message.size());
    const std::string_view head = next_string(rest);
    const std::size_t at = head.find('@');
    if (at == 0 || at == std::string_view::npos || !head.substr(at + 1).starts_with('/')) return {};

    Uevent event;
    event.action = head.substr(0, at);
    event.devpath = head.substr(at + 1);
    while (!rest.empty()) {
        const std::string_view pair = next_string(rest);
        if (pair.starts_with("SUBSYSTEM=")) event.subsystem = pair.substr(10);
        if (pair.starts_with("MODALIAS=")) event.modalias = pair.substr(9);
    }
    return event;
}

void tell(UeventListener& listener, const EventBatch& batch) {
    for (const Uevent& event : batch.events) listener.on_event(event);
    if (batch.overrun) listener.rescan();
}

}  // namespace prologue
