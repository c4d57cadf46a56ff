// SPDX-License-Identifier: MIT
// Messages of the uevent socket: what is taken for an event has the form of one, and an event in
// the kernel's own form reads back as itself.
#include "stages/devices/uevent.h"

#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

std::string message_of(const Uevent& event) {
    using namespace std::string_literals;
    std::string text = event.action + "@" + event.devpath + "\0"s;
    text += "SUBSYSTEM=" + event.subsystem + "\0"s;
    return text + "MODALIAS=" + event.modalias + "\0"s;
}

bool is_one_string(std::string_view text) {
    return text.find('\0') == std::string_view::npos;
}

}  // namespace

void fuzz_one(std::string_view input) {
    const auto event = parse_uevent(input);
    if (!event) return;
    HOLDS(!event->action.empty() && event->action.find('@') == std::string::npos);
    HOLDS(event->devpath.starts_with('/'));
    HOLDS(input.starts_with(event->action + "@" + event->devpath));
    HOLDS(event->name().find('/') == std::string_view::npos);
    HOLDS(event->devpath.ends_with(event->name()));
    HOLDS(is_one_string(event->devpath) && is_one_string(event->subsystem));
    HOLDS(is_one_string(event->modalias));
    HOLDS(input.find(event->subsystem) != std::string_view::npos);

    const auto again = parse_uevent(message_of(*event));
    HOLDS(again.has_value());
    HOLDS(again->action == event->action && again->devpath == event->devpath);
    HOLDS(again->subsystem == event->subsystem && again->modalias == event->modalias);
}

}  // namespace prologue::fuzz
