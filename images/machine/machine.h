// SPDX-License-Identifier: MIT
// What a boot of the running machine needs: its root, and /usr where that is another filesystem, with the
// containers, disks and drivers that they stand on. Each fact keeps the place where it was found.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "images/machine/crypttab.h"
#include "images/machine/disk_walk.h"
#include "images/machine/sysroot.h"

namespace prologue::images {

// A LUKS container that is open now.
struct Container {
    CryptMapping mapping;
    std::string name;    // as the real system calls it: that of crypttab, if it is there
    std::string device;  // as a config names it: "UUID=…"
    Unlocking unlocking;
    std::uint32_t line = 0;  // of crypttab; 0 = it is not there
};

struct BootMount {
    std::string directory;  // "/", "/usr"
    std::string source;     // what is mounted there now: "/dev/sda2"
    std::string what;       // as a config names it: "UUID=…", or the name of a container
    std::string type;
    std::string options;                // without ro and rw
    std::uint32_t fstab_line = 0;       // 0 = it is not there
    std::string subvolume;              // of the options, when it comes from what is mounted
    std::vector<Container> containers;  // to be opened before, in this order
};

struct Machine {
    std::string kernel;             // its release
    std::vector<BootMount> mounts;  // "/" first
    std::vector<Disk> disks;
    std::vector<Driver> keyboards;
    std::unique_ptr<config::Source> crypttab;  // the diagnostics point into it
    config::Diagnostics diagnostics;           // of crypttab

    [[nodiscard]] bool asks_for_passphrase() const;
    // Files that the image has to bring, as paths of the machine: key files that open the root, which
    // are secrets, and detached headers.
    [[nodiscard]] std::vector<std::string> key_files() const;
    [[nodiscard]] std::vector<std::string> header_files() const;
    // The devices, or files, that have the headers of all containers.
    [[nodiscard]] std::vector<std::string> luks_headers() const;
};

// kRefused for a root that cannot be booted from yet, kNotFound for one that is on no disk; kSystem for
// what cannot be read. What crypttab says and nobody here understands stands in the diagnostics.
Result<Machine> read_machine(const Sysroot& sysroot);

}  // namespace prologue::images
