// SPDX-License-Identifier: MIT
#include "images/machine/config_text.h"

#include <algorithm>

namespace prologue::images {
namespace {

constexpr std::size_t kWidth = 12;  // of the first column
constexpr std::string_view kNewRoot = "/newroot";

// Quoted where a word of the language could not hold it as it is.
std::string word(std::string_view text) {
    std::string plain;
    bool needs_quotes = text.empty();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' || text[i] == '\\') plain += '\\';
        if (text.substr(i).starts_with("${")) plain += '$';
        plain += text[i];
        needs_quotes |= std::string_view(" \t#\"\\").find(text[i]) != std::string_view::npos;
    }
    return needs_quotes ? "\"" + plain + "\"" : plain;
}

std::string line(std::string keyword, const std::string& words) {
    keyword.resize(std::max(kWidth, keyword.size() + 1), ' ');
    return keyword + words + "\n";
}

std::string names_of(const std::vector<Driver>& drivers) {
    std::string names;
    for (const Driver& driver : drivers) names += (names.empty() ? "" : " ") + driver.module;
    return names;
}

std::string reasons_of(const std::vector<Driver>& drivers) {
    std::string text;
    for (const Driver& driver : drivers)
        text += "#   " + driver.module + ": " + driver.device + "\n";
    return text;
}

std::vector<Driver> only(const std::vector<Driver>& drivers, bool built_in) {
    std::vector<Driver> some;
    for (const Driver& driver : drivers)
        if (driver.built_in == built_in) some.push_back(driver);
    return some;
}

// What is built in is named only when nothing else is: a file that loads no driver at all looks like a
// mistake, and the next kernel may have it as a module.
bool all_built_in(const Machine& machine) {
    return std::all_of(machine.disks.begin(), machine.disks.end(),
                       [](const Disk& disk) { return only(disk.drivers, false).empty(); });
}

// A driver that two disks share is named once.
std::string disk_modules(const Machine& machine) {
    const bool built_in = all_built_in(machine);
    std::string text;
    std::vector<Driver> named;
    for (const Disk& disk : machine.disks) {
        const std::size_t before = named.size();
        add_drivers(named, only(disk.drivers, built_in));
        const std::vector<Driver> fresh(named.begin() + static_cast<std::ptrdiff_t>(before),
                                        named.end());
        text += "# Drivers of " + node_of(disk.name) +
                (built_in ? ", built into the kernel that runs" : "");
        text += fresh.empty() ? "; none but those above\n" : ", by its path in /sys:\n";
        if (!fresh.empty()) text += reasons_of(fresh) + line("modules", names_of(fresh));
    }
    return text + "\n";
}

std::string keyboard_modules(const Machine& machine) {
    const std::vector<Driver> drivers = only(machine.keyboards, false);
    if (machine.keyboards.empty() && machine.asks_for_passphrase())
        return "# No keyboard is plugged in now. Without the '#' of the line this is for most USB "
               "ones; else\n"
               "# the passphrase can be typed on a serial line alone:\n"
               "# " +
               line("modules", "xhci_pci ehci_pci usbhid hid_generic") + "\n";
    if (drivers.empty()) return {};
    if (machine.asks_for_passphrase())
        return "# Drivers of the keyboards, for the passphrase:\n" + reasons_of(drivers) +
               line("modules", names_of(drivers)) + "\n";
    return "# Drivers of the keyboards. Nothing is typed in a boot that goes well; without the '#' "
           "of the\n"
           "# line they serve the rescue shell on a screen:\n" +
           reasons_of(drivers) + "# " + line("modules", names_of(drivers)) + "\n";
}

std::string place(const char* file, std::uint32_t number) {
    return std::string(file) + ":" + std::to_string(number);
}

std::string why_name(const Container& container) {
    if (container.line == 0) return "it is not in /etc/crypttab, and keeps its name";
    std::string text = place("/etc/crypttab", container.line);
    if (container.name != container.mapping.name)
        text += ", where it is '" + container.name + "'; now it is open as '" +
                container.mapping.name + "'";
    return text;
}

std::string key_words(const Container& container) {
    const Unlocking& unlocking = container.unlocking;
    std::string words = "key=" + (unlocking.key.empty() ? "prompt" : word(unlocking.key));
    if (!unlocking.key_device.empty()) words += " key-device=" + word(unlocking.key_device);
    if (!unlocking.header.empty()) words += " header=" + word(unlocking.header);
    if (!unlocking.options.empty()) words += " " + unlocking.options;
    return words;
}

std::string decrypt_line(const Container& container, const std::string& directory) {
    std::string text = "# " + directory + " is in the " + container.mapping.version +
                       " container " + node_of(container.mapping.disk) + " (" +
                       why_name(container) + ").\n";
    std::string words =
        word(container.device) + " -> " + container.name + "   " + key_words(container);
    if (container.unlocking.key.empty()) {
        text += "# After the last wrong passphrase the machine is switched off.\n";
        words += " on-failure=poweroff";
    } else if (directory == "/" && container.unlocking.key_device.empty()) {
        text +=
            "# The key lies in the image: who may read that, /boot included, may open the disk.\n";
    }
    return text + line("decrypt", words);
}

std::string why_options(const BootMount& mount) {
    const std::string from = mount.fstab_line == 0
                                 ? "/etc/fstab does not have it"
                                 : place("/etc/fstab", mount.fstab_line) + " has its options";
    if (mount.subvolume.empty()) return from;
    return from + "; subvolume " + mount.subvolume + ", as it is mounted now";
}

std::string mount_line(const BootMount& mount) {
    std::string text = "# " + mount.directory + " is " + mount.source + ", " + mount.type +
                       " (/proc/self/mountinfo); " + why_options(mount) + ".\n";
    const bool is_root = mount.directory == "/";
    if (is_root)
        text +=
            "# Read-only, unless the kernel command line says rw: the real system checks it "
            "first.\n"
            "# 'kernel' is rootflags= and its kin, which come last.\n";
    std::string words = word(mount.what) + " " + std::string(kNewRoot) +
                        (is_root ? "" : mount.directory) + "   type=" + word(mount.type);
    std::string options = mount.options;
    if (is_root) options += options.empty() ? "kernel" : ",kernel";
    if (!options.empty()) words += " options=" + word(options);
    return text + line("mount", words);
}

}  // namespace

std::string config_text(const Machine& machine, bool locked) {
    std::string text =
        "# prologue.conf of this machine, as 'prologue config --host' found it running Linux " +
        machine.kernel +
        ".\n# It is yours to edit: 'prologue check' reads it, 'prologue initramfs' builds an image "
        "of it.\n\n"
        "# After a failure: 'rescue' opens a shell on the console, 'reboot' goes back to the boot "
        "menu.\n" +
        line("set", locked ? "on-failure reboot" : "on-failure rescue") + "\n" +
        disk_modules(machine) + keyboard_modules(machine);
    for (const BootMount& mount : machine.mounts) {
        for (const Container& container : mount.containers)
            text += decrypt_line(container, mount.directory) + "\n";
        text += mount_line(mount) + "\n";
    }
    return text +
           "# The init is that of init= on the kernel command line, or the kernel's own choice.\n" +
           line("switch_root", std::string(kNewRoot));
}

}  // namespace prologue::images
