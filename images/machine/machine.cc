// SPDX-License-Identifier: MIT
#include "images/machine/machine.h"

#include <algorithm>

#include "config/scalar.h"
#include "images/host.h"
#include "images/machine/mounted.h"
#include "init/base/split.h"
#include "stages/device_spec.h"
#include "stages/keyboards.h"

namespace prologue::images {
namespace {

constexpr const char* kCrypttab = "/etc/crypttab";

// --- Containers --------------------------------------------------------------------------------

std::string lower(std::string text) {
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

// Whether the device of a line of crypttab is the one that the mapping stands on.
bool is_device_of(const Sysroot& sysroot, const std::string& device, const CryptMapping& mapping) {
    const Result<DeviceSpec> spec = parse_device_spec(device);
    if (!spec) return false;
    const auto leads_there = [&](const std::string& path) {
        return base_name(sysroot.resolve(path)) == mapping.disk;
    };
    switch (spec->kind) {
        case DeviceSpec::Kind::kUuid: return lower(spec->value) == mapping.uuid;
        case DeviceSpec::Kind::kLabel: return leads_there("/dev/disk/by-label/" + spec->value);
        case DeviceSpec::Kind::kPartUuid:
            return leads_there("/dev/disk/by-partuuid/" + lower(spec->value));
        case DeviceSpec::Kind::kPartLabel:
            return leads_there("/dev/disk/by-partlabel/" + spec->value);
        case DeviceSpec::Kind::kPath: return leads_there(device);
        case DeviceSpec::Kind::kNumber: return leads_there("/sys/dev/block/" + device);
    }
    return false;
}

// By the disk first: what is running now may have opened it under another name.
const CrypttabLine* line_of(const Sysroot& sysroot, const std::vector<CrypttabLine>& lines,
                            const CryptMapping& mapping) {
    for (const CrypttabLine& line : lines)
        if (is_device_of(sysroot, line.device.text, mapping)) return &line;
    for (const CrypttabLine& line : lines)
        if (line.name.text == mapping.name) return &line;
    return nullptr;
}

bool is_on_root(const Sysroot& sysroot, const std::string& path) {
    const Result<struct stat> root = stat_path(sysroot.at("/"));
    const Result<struct stat> file = stat_path(sysroot.at(path));
    return root && file && S_ISREG(file->st_mode) && root->st_dev == file->st_dev;
}

// A key that no boot can get at before the root is there: the passphrase is asked for instead.
CrypttabLine with_key_that_is_there(const Sysroot& sysroot, CrypttabLine line, Machine& machine) {
    const std::string& key = line.key.text;
    const bool is_file =
        key.starts_with('/') && !key.starts_with("/dev/") && key.find(':') == std::string::npos;
    const bool has_script = line.options.text.find("keyscript=") != std::string::npos;
    if (!is_file || has_script || is_on_root(sysroot, key)) return line;
    machine.diagnostics.warning(
        line.key.span, "the key file " + config::quoted(key) + " is no file of the root filesystem",
        "the passphrase is asked for instead; key= and key-device= can name a key on another one");
    line.key.text.clear();
    return line;
}

void read_line(const Sysroot& sysroot, const CrypttabLine& line, const std::string& directory,
               Container& container, Machine& machine) {
    const CrypttabLine usable = with_key_that_is_there(sysroot, line, machine);
    container.line = line.number;
    container.name = line.name.text;
    container.unlocking = read_unlocking(usable, machine.diagnostics);
    Unlocking& unlocking = container.unlocking;
    // A detached header has the UUID, and the disk none.
    if (!unlocking.header.empty()) container.device = line.device.text;
    if (!config::is_valid_name(container.name))
        machine.diagnostics.error(
            line.name.span, config::quoted(container.name) + " cannot be the name of a device",
            "letters, digits, '_', '.', '+' and '-', at most 127");
    // By then the root is mounted, so that the image need not have the key.
    if (directory != "/" && !unlocking.key.empty() && unlocking.key_device.empty())
        unlocking.key = "/newroot" + unlocking.key;
}

Container make_container(const Sysroot& sysroot, const CryptMapping& mapping,
                         const std::string& directory, Machine& machine) {
    Container container;
    container.mapping = mapping;
    container.name = mapping.name;
    container.device = "UUID=" + mapping.uuid;
    const std::vector<CrypttabLine> lines = read_crypttab(*machine.crypttab);
    const CrypttabLine* line = line_of(sysroot, lines, mapping);
    if (line != nullptr) read_line(sysroot, *line, directory, container, machine);
    return container;
}

// --- Filesystems -------------------------------------------------------------------------------

void add_option(std::string& options, std::string_view option) {
    if (!options.empty()) options += ',';
    options += option;
}

// ro and rw are not the initramfs's to say: the real system makes its root writable, once it has been
// checked. `subvolume` is that of a btrfs, as it is mounted.
void set_options(const FstabLine& line, const std::string& subvolume, BootMount& mount) {
    mount.fstab_line = line.number;
    bool has_subvolume = false;
    std::string_view rest = line.entry.options;
    while (!rest.empty()) {
        const std::string_view option = take_part(rest, ',');
        if (option == "rw" || option == "ro") continue;
        has_subvolume |= option.starts_with("subvol=") || option.starts_with("subvolid=");
        add_option(mount.options, option);
    }
    if (mount.type != "btrfs" || has_subvolume || subvolume == "/") return;
    mount.subvolume = subvolume;
    add_option(mount.options, "subvol=" + subvolume);
}

// The container that yields the device, among those of all mounts so far.
const Container* container_of(const Machine& machine, const BootMount& mount,
                              const std::string& mapping) {
    for (const Container& one : mount.containers)
        if (one.mapping.name == mapping) return &one;
    for (const BootMount& earlier : machine.mounts)
        for (const Container& one : earlier.containers)
            if (one.mapping.name == mapping) return &one;
    return nullptr;
}

Result<> add_mount(const Sysroot& sysroot, const std::string& directory,
                   const MountedFilesystem& mounted, Stack& stack, Machine& machine) {
    BootMount mount;
    mount.directory = directory;
    mount.source = mounted.source;
    mount.type = mounted.type;
    if (mounted.type != "btrfs" && mounted.root != "/")
        return fail(Error::refused("boot from", directory,
                                   "it is the directory " + mounted.root + " of " + mounted.source +
                                       ", which is not supported yet"));
    const std::vector<std::string> devices = TRY(devices_of(sysroot, mounted));
    const std::size_t before = stack.mappings.size();
    for (const std::string& device : devices)
        TRY_VOID(
            follow_block_device(sysroot, sysroot.resolve("/sys/class/block/" + device), stack));
    for (std::size_t i = before; i < stack.mappings.size(); ++i)
        mount.containers.push_back(make_container(sysroot, stack.mappings[i], directory, machine));
    const std::string mapping = sysroot.line("/sys/class/block/" + devices.front() + "/dm/name");
    const Container* container = container_of(machine, mount, mapping);
    mount.what =
        container != nullptr ? container->name : TRY(name_of_filesystem(sysroot, devices.front()));
    const std::string fstab = sysroot.read("/etc/fstab").value_or("");
    set_options(find_fstab_line(fstab, directory), mounted.root, mount);
    machine.mounts.push_back(std::move(mount));
    return {};
}

std::vector<Driver> find_keyboards(const Sysroot& sysroot) {
    std::vector<Driver> drivers;
    for (const std::string& input : sysroot.list("/sys/class/input")) {
        const std::string path = "/sys/class/input/" + input;
        if (!input.starts_with("input") || !has_letters(sysroot.line(path + "/capabilities/key")))
            continue;
        // One that a program makes (uhid: Bluetooth) needs that program.
        const std::string device = sysroot.resolve(path);
        if (device.find("/devices/virtual/") == std::string::npos)
            add_drivers(drivers, drivers_on_path(sysroot, device));
    }
    return drivers;
}

// A bind mount of /usr, or one that is a part of the root, comes with the real system.
bool is_another(const MountedFilesystem& usr, const MountedFilesystem& root) {
    return usr.number != root.number || (usr.type == "btrfs" && usr.root != root.root);
}

}  // namespace

bool Machine::asks_for_passphrase() const {
    return std::any_of(mounts.begin(), mounts.end(), [](const BootMount& mount) {
        return std::any_of(mount.containers.begin(), mount.containers.end(),
                           [](const Container& one) { return one.unlocking.key.empty(); });
    });
}

std::vector<std::string> Machine::key_files() const {
    std::vector<std::string> files;
    for (const Container& one : mounts.front().containers)
        if (!one.unlocking.key.empty() && one.unlocking.key_device.empty())
            files.push_back(one.unlocking.key);
    return files;
}

std::vector<std::string> Machine::header_files() const {
    std::vector<std::string> files;
    for (const BootMount& mount : mounts)
        for (const Container& one : mount.containers)
            if (!one.unlocking.header.empty() && !one.unlocking.header.starts_with("/dev/"))
                files.push_back(one.unlocking.header);
    return files;
}

std::vector<std::string> Machine::luks_headers() const {
    std::vector<std::string> files;
    for (const BootMount& mount : mounts)
        for (const Container& one : mount.containers)
            files.push_back(one.unlocking.header.empty() ? node_of(one.mapping.disk)
                                                         : one.unlocking.header);
    return files;
}

Result<Machine> read_machine(const Sysroot& sysroot) {
    Machine machine;
    machine.kernel = sysroot.line("/proc/sys/kernel/osrelease");
    machine.crypttab = std::make_unique<config::Source>();
    machine.crypttab->name = kCrypttab;
    if (sysroot.has(kCrypttab)) machine.crypttab->text = TRY(sysroot.read(kCrypttab));
    const std::string mountinfo = TRY(sysroot.read("/proc/self/mountinfo"));
    const std::vector<std::optional<MountedFilesystem>> mounted =
        mounted_at(sysroot, {"/", "/usr"}, mountinfo);
    const std::optional<MountedFilesystem>&root = mounted[0], &usr = mounted[1];
    if (!root)
        return fail(Error::not_found("find the root", sysroot.at("/proc/self/mountinfo"),
                                     "nothing is mounted at /"));
    Stack stack;
    TRY_VOID(add_mount(sysroot, "/", *root, stack, machine));
    if (usr && is_another(*usr, *root)) TRY_VOID(add_mount(sysroot, "/usr", *usr, stack, machine));
    machine.disks = std::move(stack.disks);
    machine.keyboards = find_keyboards(sysroot);
    return machine;
}

}  // namespace prologue::images
