// SPDX-License-Identifier: MIT
#include "stages/coldplug.h"

#include <algorithm>
#include <cerrno>

#include <fnmatch.h>

#include "init/base/compose.h"
#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::size_t kMaxModalias = 4096;  // sysfs gives a page at most
constexpr std::size_t kMaxNotes = 16;
constexpr std::size_t kMaxIndex = std::size_t{1} << 20;

// Every device that has a modalias is on a bus, but for these classes.
constexpr Literal kClasses[] = {"/class/dmi", "/class/input"};

// A memory card has no such file and names it in its events only.   Source: drivers/mmc/core/bus.c.
constexpr Literal kCards = "/bus/mmc/devices", kKey = "MODALIAS=";

// Source: file2alias.c of the kernel's scripts/mod; PCI classes 01 (storage), 0805 (SD hosts) and
// 0c03 (USB hosts); USB class 08; virtio types 2 (block) and 8 (SCSI).
constexpr Literal kStorageAliases[] = {
    "pci:*bc01sc*", "pci:*bc08sc05*",     "pci:*bc0Csc03*",     "usb:*ic08isc*", "scsi:t-*",
    "mmc:*",        "virtio:d00000002v*", "virtio:d00000008v*", "xen:vbd",       "nvme*",
    "vmbus:*",      "acpi:QEMU0002:*",
};

// A bus goes with its module, a device when it is unplugged.
bool is_gone(const Error& error) {
    return error->errnum == ENOENT || error->errnum == ENODEV;
}

// False when it is there already. A machine has hundreds of these, which come nearly sorted.
bool add_once(std::vector<std::string>& sorted, const std::string& text) {
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), text);
    if (place != sorted.end() && *place == text) return false;
    sorted.insert(place, text);
    return true;
}

// The module of the first line of kAbsentModules that fits; empty for none.
std::string_view find_driver(std::string_view index, const std::string& modalias) {
    while (!index.empty()) {
        std::string_view line = take_part(index, '\n');
        const std::string pattern(take_part(line, ' '));
        if (fnmatch(pattern.c_str(), modalias.c_str(), 0) == 0) return line;
    }
    return {};
}

}  // namespace

bool is_about_storage(std::string_view modalias) {
    const std::string text(modalias);
    return std::any_of(
        std::begin(kStorageAliases), std::end(kStorageAliases),
        [&](Literal pattern) { return fnmatch(pattern.view().data(), text.c_str(), 0) == 0; });
}

void Coldplug::keep_failure(const Error& error) {
    std::string failure = describe(error);
    // Two ports of one controller fail alike.
    if (std::find(failures_.begin(), failures_.end(), failure) == failures_.end())
        failures_.push_back(std::move(failure));
}

void Coldplug::load_for(const std::string& modalias) {
    const Result<> loaded = modules_.load_for_device(modalias, loaded_);
    if (!loaded) keep_failure(loaded.error());
}

// Most devices of most buses have none.
std::string Coldplug::read_modalias(const std::string& device, bool is_card) {
    const Result<std::string> text =
        sys_.read_file(device + (is_card ? "/uevent" : "/modalias"), kMaxModalias);
    if (!text && !is_gone(text.error())) keep_failure(text.error());
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (!rest.empty()) {
        std::string_view line = take_part(rest, '\n');
        if (!is_card) return std::string(line);
        if (line.starts_with(kKey.view())) return std::string(line.substr(kKey.view().size()));
    }
    return {};
}

void Coldplug::add_devices(const std::string& directory, std::vector<PluggedDevice>& found) {
    const Result<std::vector<std::string>> names = sys_.list_dir(directory);
    if (!names && !is_gone(names.error())) keep_failure(names.error());
    if (!names) return;
    for (const std::string& name : *names) {
        const std::string path = compose("{}/{}", directory, name);
        if (!add_once(visited_, path)) continue;
        std::string modalias = read_modalias(path, directory.ends_with(kCards.view()));
        if (!modalias.empty()) found.push_back({path, std::move(modalias)});
    }
}

Result<std::vector<PluggedDevice>> Coldplug::new_devices() {
    std::vector<PluggedDevice> found;
    for (const std::string& bus : TRY(sys_.list_dir(root_ + "/bus")))
        add_devices(compose("{}/bus/{}/devices", root_, bus), found);
    for (const Literal directory : kClasses) add_devices(root_ + directory.str(), found);
    return found;
}

// True when there was a modalias that had not been seen before.
Result<bool> Coldplug::load_present() {
    bool is_new = false;
    for (const PluggedDevice& device : TRY(new_devices())) {
        if (!add_once(seen_, device.modalias)) continue;
        is_new = true;
        load_for(device.modalias);
    }
    return is_new;
}

Result<> Coldplug::load_all() {
    // Each round has seen something new, and a machine has but so many kinds of devices.
    while (TRY(load_present())) {
    }
    return {};
}

// Without a look at what was seen: the device may have come back after its driver was taken out.
void Coldplug::on_event(const Uevent& event) {
    if (event.action == "add" && !event.modalias.empty()) load_for(event.modalias);
}

// What was unplugged meanwhile may be another device in the same place by now.
void Coldplug::rescan() {
    visited_.clear();
    const Result<> done = load_all();
    if (!done) keep_failure(done.error());
}

// Without it nothing is known of such drivers, which is no failure.
std::string Coldplug::read_absent() {
    return sys_
        .read_file(compose("{}/{}/{}", directory_, sys_.kernel_release(), kAbsentModules.str()),
                   kMaxIndex)
        .value_or("");
}

void Coldplug::explain(Error& error) {
    for (const std::string& failure : failures_) error->notes.push_back(failure);
    visited_.clear();
    const Result<std::vector<PluggedDevice>> devices = new_devices();
    if (!devices) return;  // its reason is among the failures
    const std::string absent = read_absent();
    std::size_t count = 0;
    for (const PluggedDevice& device : *devices) {
        if (!is_about_storage(device.modalias) || sys_.stat(device.path + "/driver")) continue;
        if (++count > kMaxNotes) continue;
        std::string note = device.path;
        const std::string_view driver = find_driver(absent, device.modalias);
        if (driver.empty())
            note += " has no driver, modalias ";
        else
            note.append(" wants ").append(driver).append(
                ", which this image does not carry: add it to a 'modules' line; modalias ");
        error->notes.push_back(note + device.modalias);
    }
    if (count > kMaxNotes)
        error->notes.push_back(
            compose("and {} more devices without a driver", std::to_string(count - kMaxNotes)));
}

}  // namespace prologue
