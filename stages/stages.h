// SPDX-License-Identifier: MIT
// The descriptors of all stages, and what several of them share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/base/mountinfo.h"
#include "stages/stage.h"

namespace prologue {

extern const StageType kMountStage, kUmountStage, kModulesStage, kFindStage, kExecStage,
    kWriteStage, kSwitchRootStage, kDecryptStage, kShellStage, kServiceStage, kSuperviseStage,
    kRebootStage, kPowerOffStage, kHaltStage;

// What a device position means after expansion: a yielded name, or a specification to wait for.
// The node of a yielded device is checked to be still the device it was.
Result<Device> resolve_device(std::string_view text, StageContext& context, bool want_type);

// For a step whose words could not be expanded: where one of them means a device, `error` gets a note
// for each device that is there.
void explain_unset(const Step& step, StageContext& context, Error& error);

// What an `exec` line runs; `envp` is what it adds its own words to.
ProgramCall program_of(const Arguments& arguments, char* const* envp);

// The word by which a `decrypt` step names a key file of the image itself; null for other steps.
#if PROLOGUE_DECRYPT
const config::Word* key_in_image(const Step& step);
#else
inline const config::Word* key_in_image(const Step& /*step*/) {
    return nullptr;
}
#endif

// "/dev/vda (ext4)".
std::string describe_device(const Device& device);

// What a program gets: NAME=VALUE,… of `extra`, PID 1's own environment, and a PATH behind them.
std::vector<std::string> program_environment(std::string_view extra, char* const* inherited);
// An error of execve(2) with what to do about it.
Error explain_exec(Error error);

// Loads the driver of a filesystem type unless the kernel has it. The kernel would ask for "fs-TYPE"
// itself through /sbin/modprobe; asking first gives the reason when it cannot be had. A module that is
// nowhere is left to the mount call: it says ENODEV.
Result<> load_driver(const std::string& type, StageContext& context);

// Creates a directory and its missing parents, mode 0755; an existing directory is success.
Result<> make_dirs(const std::string& path, Sys& sys);

// True when `word` stands in the comma-separated list; the part before '=' is compared.
bool has_mount_option(std::string_view options, Text word);

// The last of `ro` and `rw` in the list, which is the one that counts; empty when it has neither.
std::string_view access_word(std::string_view options);

// /init came out of an archive: `/` is a ramfs or tmpfs and mountinfo calls it rootfs. A tmpfs that
// something mounted as a live root is not.
Result<bool> root_is_rootfs(const std::vector<MountEntry>& mounts, Sys& sys);

}  // namespace prologue
