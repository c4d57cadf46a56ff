// SPDX-License-Identifier: MIT
// Where the boot tests find what they do not build themselves. tests/run sets all of it.
#pragma once

#include <string>
#include <string_view>

namespace prologue::qemu_tests {

struct Settings {
    std::string build;    // PROLOGUE_BUILD: folder of the release binaries prologue, prologue-init
    std::string kernel;   // PROLOGUE_KERNEL: a bzImage
    std::string modules;  // PROLOGUE_MODULES: that kernel's lib/modules/VERSION
    std::string disks;    // PROLOGUE_DISKS: folder that make-disks filled
    std::string guest_init;  // PROLOGUE_GUEST_INIT: the static program of tests/guest
    // Of images/make-kernel, as a bzImage; both empty unless tests/run has --own-kernel.
    std::string own_kernel;  // PROLOGUE_OWN_KERNEL: nothing inside
    std::string
        full_kernel;  // PROLOGUE_FULL_KERNEL: with the archive of assets/built-in.conf inside
};

const Settings& settings();

// A sentence for each setting that is missing or leads nowhere; empty when all is well.
std::string settings_problems();

// True when the modules of the tests' kernel have this one as a file ("9p").
bool kernel_has_module(std::string_view name);
// The same; when it has not, says that the test case is skipped, and which kernel has it.
bool has_driver(std::string_view name);

}  // namespace prologue::qemu_tests
