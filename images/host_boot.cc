// SPDX-License-Identifier: MIT
#include "images/host_boot.h"

#include <algorithm>

#include "images/host.h"
#include "images/kernel_modules.h"

namespace prologue::images {
namespace {

// A boot loader's own words, which mean files that only it can see.
constexpr std::string_view kLoaderWords[] = {"BOOT_IMAGE=", "initrd="};

// What stands behind "--" is the init's.
void take_words(const Sysroot& machine, BootRequest& request) {
    const std::string line = machine.line("/proc/cmdline");
    std::string* words = &request.host_words;
    for (const std::string_view word : split_words(line)) {
        if (word == "--") words = &request.init_words;
        const bool is_loaders =
            std::any_of(std::begin(kLoaderWords), std::end(kLoaderWords),
                        [word](std::string_view start) { return word.starts_with(start); });
        if (!is_loaders) words->append(word).append(" ");
    }
}

bool is_disk(const std::string& part, const std::vector<GuestDisk>& disks) {
    const Result<struct stat> named = stat_path(part);
    if (!named) return false;
    if (S_ISBLK(named->st_mode)) return true;
    return std::any_of(disks.begin(), disks.end(), [&](const GuestDisk& disk) {
        const Result<struct stat> own = stat_path(disk.path);
        return own && own->st_dev == named->st_dev && own->st_ino == named->st_ino;
    });
}

// QEMU names files in many ways: "file=PATH,…", "PATH", "file:PATH", JSON.
bool names_disk(std::string_view word, const std::vector<GuestDisk>& disks) {
    for (const std::string_view separators :
         {std::string_view(",="), std::string_view(",=:\"{} ")}) {
        for (std::string_view rest = word; !rest.empty();) {
            const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
            if (end > 0 && is_disk(std::string(rest.substr(0, end)), disks)) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return is_disk(std::string(word), disks);
}

Result<> check_arguments(const BootRequest& request) {
    for (const std::string& word : request.more) {
        std::string why;
        if (word.find("snapshot=off") != std::string::npos)
            why = "it would keep what the guest writes";
        else if (word.find("/dev/fdset/") != std::string::npos || word == "-add-fd")
            why = "these descriptors are taken";
        else if (names_disk(word, request.host_disks))
            why = "it names a disk of this machine, which the guest could write to";
        if (!why.empty())
            return fail(Error::refused("boot with", word, std::move(why))
                            .with_hint("with '--host' the disks are attached already"));
    }
    return {};
}

}  // namespace

Result<> add_machine(const Sysroot& machine, BootRequest& request) {
    request.host_disks = TRY(guest_disks(machine));
    take_words(machine, request);
    TRY_VOID(check_arguments(request));
    if (!request.kernel.empty()) return {};
    const std::string release = machine.line("/proc/sys/kernel/osrelease");
    request.kernel = machine.at("/boot/vmlinuz-" + release);
    if (exists(request.kernel)) return {};
    return fail(Error::not_found("find the kernel that runs", request.kernel)
                    .with_hint("'--kernel FILE' names it"));
}

Result<> open_disks(BootRequest& request) {
    for (GuestDisk& disk : request.host_disks) {
        Result<int> descriptor = open_for_program(disk.path);
        if (!descriptor)
            return fail(std::move(descriptor)
                            .error()
                            .with_hint("to read a disk takes root rights, or those of the group "
                                       "that 'ls -l' shows"));
        disk.descriptor = *descriptor;
    }
    return {};
}

void explain_host_boot(const BootRequest& request, Problems& notes) {
    std::string names;
    for (const GuestDisk& disk : request.host_disks) {
        names += (names.empty() ? "" : ", ") + disk.path;
        if (disk.is_guess)
            notes.warning("no guest has what " + disk.path + " hangs on; it is attached by virtio",
                          "the image may lack that driver: '--for qemu' brings it");
    }
    notes.note("the guest can read " + names + ", and what it writes is gone with it",
               "it is kept meanwhile in a file without a name in $TMPDIR, or /var/tmp");
    notes.note("filesystems that are mounted now look to the guest as after a power cut",
               "their journals are replayed there, not here; what this machine writes meanwhile "
               "can look like damage");
}

}  // namespace prologue::images
