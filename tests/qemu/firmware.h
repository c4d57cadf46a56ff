// SPDX-License-Identifier: MIT
// Machines that OVMF starts, the UEFI firmware of QEMU, and what it starts there: unified kernel images
// of `prologue uki` on EFI partitions. All files lie in the test case's folder.
#pragma once

#include <string>
#include <vector>

#include "tests/qemu/files.h"
#include "tests/qemu/vm.h"

namespace prologue::qemu_tests {

// False where it cannot be tried out.
bool has_firmware();

// Runs a program of the host; the test case fails when that does.
void must_run(const std::vector<std::string>& words);

// A path in the test case's folder.
std::string in_folder(const std::string& name);

// A new private key and its certificate, as NAME.key and NAME.pem there.
void make_key(const std::string& name);

// The path of an image that mounts the root ext4 and hands over to it.
std::string image_of_root(const std::vector<std::string>& options = {});

// Runs `prologue uki` on the tests' kernel and this image, for "linux.efi"; `more` are its further words.
std::vector<std::string> uki_words(const std::string& image,
                                   const std::vector<std::string>& more = {});
// The path of one, under this name.
std::string built_uki(const std::string& image, const std::vector<std::string>& more = {},
                      const std::string& name = "linux.efi");

// A disk that is an EFI partition with this program, on a place of its own on the PCI bus: the firmware
// tries the lowest place first.
Disk esp_with(const std::string& program, int place);
// The same on its first partition, beside the root ext4 on the second.
Disk disk_with(const std::string& program, int place);

// The path of the variables of a firmware that has no keys yet.
std::string new_variables();
// A machine that starts what is on its disks. What is written into its variables stays there.
Machine machine_with(const std::vector<Disk>& disks, const std::string& variables);

// It ends in the root on `source`, with the command line of its unified kernel image.
void check_uki_root(const Vm& vm, const std::string& source, Where where = Where::current());

}  // namespace prologue::qemu_tests
