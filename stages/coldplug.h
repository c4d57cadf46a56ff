// SPDX-License-Identifier: MIT
// `modules auto`: the drivers of the devices that are there, by their modaliases, and of those that
// appear while a later stage waits.   Source: modprobe(8), Linux Documentation/ABI (modalias files).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/base/sys.h"
#include "stages/devices/uevent.h"
#include "stages/modules.h"

namespace prologue {

struct PluggedDevice {
    std::string path;  // of its directory in sysfs
    std::string modalias;
};

class Coldplug final : public UeventListener {
  public:
    // `sys` and `modules` must outlive it. `root` is where sysfs is mounted, `directory` has the
    // modules of each kernel; others for tests.
    Coldplug(Sys& sys, ModuleLoader& modules, std::string root = "/sys",
             std::string directory = "/lib/modules")
        : sys_(sys), modules_(modules), root_(std::move(root)), directory_(std::move(directory)) {}

    // Loads what the image has for each device of the machine, then for what these drivers bring, and
    // so on until nothing new comes. A driver that cannot be loaded is a failure of its own
    // (failures()): others may do. Fails only where /sys cannot be read.
    Result<> load_all();
    // The modules that were not there before, in the order in which they came.
    [[nodiscard]] const std::vector<std::string>& loaded() const { return loaded_; }
    [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

    void on_event(const Uevent& event) override;
    void rescan() override;
    // What could not be loaded, and storage devices and their controllers that have no driver, each
    // with the module that would fit, where the image's builder has written that down.
    void explain(Error& error) override;

  private:
    Result<bool> load_present();
    void load_for(const std::string& modalias);
    // Those with a modalias whose directories were not looked at yet.
    Result<std::vector<PluggedDevice>> new_devices();
    std::string read_modalias(const std::string& device, bool is_card);
    void add_devices(const std::string& directory, std::vector<PluggedDevice>& found);
    void keep_failure(const Error& error);
    std::string read_absent();

    Sys& sys_;
    ModuleLoader& modules_;
    std::string root_, directory_;
    // Directories that were looked at, and modaliases; both sorted.
    std::vector<std::string> visited_, seen_;
    std::vector<std::string> loaded_, failures_;
};

// True for the modalias of a disk, or of what disks hang on: of these a boot can be in want.
bool is_about_storage(std::string_view modalias);

// In lib/modules/VERSION of an image: the drivers of storage that this kernel has and the image has not,
// "PATTERN MODULE" a line. A pattern is one of fnmatch(3), without blanks.
inline constexpr Literal kAbsentModules = "modules.absent";

}  // namespace prologue
