// SPDX-License-Identifier: MIT
#include "stages/keyboards.h"

#include <cerrno>
#include <charconv>

#include <linux/input-event-codes.h>

#include "config/utf8.h"
#include "init/base/compose.h"

namespace prologue {
namespace {

constexpr std::string_view kInputs = "/sys/class/input";
constexpr std::size_t kAttributeLimit = 4096;

std::string attribute(Sys& sys, const std::string& device, std::string_view name) {
    std::string path(kInputs);
    path += compose("/{}/{}", device, std::string(name));
    std::string text = sys.read_file(path, kAttributeLimit).value_or("");
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

// Words of the bit map, the highest first, in hexadecimal. A power button has keys as well, and a remote
// control digits; who types a passphrase needs letters and Enter.
bool has_letters(std::string_view keys) {
    const std::string_view word = keys.substr(keys.rfind(' ') + 1);
    unsigned long bits = 0;
    (void)std::from_chars(word.data(), word.data() + word.size(), bits, 16);
    return (bits >> KEY_A & bits >> KEY_ENTER & 1U) != 0;
}

bool is_screen(std::string_view console) {
    return console.size() > 3 && console.starts_with("tty") && console[3] >= '0' &&
           console[3] <= '9';
}

std::string missing_keyboard(Sys& sys) {
    const Result<std::vector<std::string>> devices = sys.list_dir(std::string(kInputs));
    if (!devices && devices.error()->errnum != ENOENT) return {};
    std::string seen;
    for (const std::string& device : devices.value_or(std::vector<std::string>())) {
        if (!device.starts_with("input")) continue;
        if (has_letters(attribute(sys, device, "capabilities/key"))) return {};
        seen += (seen.empty() ? "" : ", ") + config::printable(attribute(sys, device, "name"));
    }
    return compose("No keyboard is there yet; input devices: {}\n", seen.empty() ? "none" : seen);
}

}  // namespace prologue
