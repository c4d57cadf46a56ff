// SPDX-License-Identifier: MIT
// Running QEMU for `prologue boot`. The command line is made by a pure function; only run_qemu()
// and probe_kvm() start anything.
#pragma once

#include <string>
#include <vector>

#include "images/machine/guest_disks.h"
#include "init/base/error.h"

namespace prologue::images {

struct BootRequest {
    std::string program;  // qemu-system-x86_64, as an absolute path
    std::string kernel;
    std::string image;  // empty = none, the kernel mounts its root itself
    std::string disk;   // empty = none
    bool disk_is_qcow2 = false;
    bool write_to_disk = false;  // otherwise all writes go to a temporary overlay
    // Of a machine whose boot is tried; always under an overlay, and given to QEMU as descriptors.
    std::vector<GuestDisk> host_disks;
    std::string host_words, init_words;  // of its own command line: up to "--", and from there
    std::string append;                  // further words of the kernel's command line
    std::string memory = "256";
    bool kvm = false;
    std::vector<std::string> more;  // verbatim
};

std::vector<std::string> qemu_command(const BootRequest& request);

// The absolute path of a program in $PATH; kNotFound names the package that has it.
Result<std::string> find_qemu();

// True when a guest really gets to its own panic under KVM: a /dev/kvm that opens may belong to a
// machine on which a stock kernel hangs. Bounded, and silent.
bool probe_kvm(const std::string& program, const std::string& kernel);

// A descriptor that a program started from here inherits: for reading only.
Result<int> open_for_program(const std::string& path);

// QEMU's status after the guest reported its end through the device isa-debug-exit (board/qemu).
inline constexpr int kGuestSuccess = 0x10 << 1 | 1, kGuestFailure = 0x11 << 1 | 1;

// Runs it on this terminal to its end, and gives its status; 128 and the signal when it was killed.
Result<int> run_qemu(const std::vector<std::string>& command);

}  // namespace prologue::images
