// SPDX-License-Identifier: MIT
#include "images/machine/host_image.h"

#include "images/machine/config_text.h"
#include "images/tree_reader.h"

namespace prologue::images {

HostConfig plan_machine(const Machine& machine, const HostPlanOptions& options,
                        Problems& problems) {
    problems.add(machine.diagnostics);
    HostConfig config = plan_text("(host)", config_text(machine, options.locked), options);
    problems.add(config.plan.diagnostics);
    return config;
}

std::vector<std::string> add_machine_drivers(const Machine& machine, const ModuleTree& tree,
                                             Closure& closure) {
    const std::string kernel = "kernel " + tree.version() + " has no ";
    std::vector<std::string> missing;
    std::vector<Driver> drivers;
    for (const Disk& disk : machine.disks) add_drivers(drivers, disk.drivers);
    add_drivers(drivers, machine.keyboards);
    for (const Driver& driver : drivers)
        if (!closure.add(driver.module) && !driver.built_in)
            missing.push_back(kernel + "module '" + driver.module + "', which drives " +
                              driver.device + " now");
    for (const BootMount& mount : machine.mounts) {
        if (!mount.containers.empty()) (void)closure.add("dm_crypt");
        if (!closure.add_filesystem(mount.type))
            missing.push_back(kernel + "filesystem '" + mount.type + "', which " + mount.directory +
                              " is");
    }
    return missing;
}

void add_machine_files(const Sysroot& sysroot, const Machine& machine, Archive& archive,
                       Problems& problems) {
    for (const std::string& key : machine.key_files()) {
        add_with_libraries(sysroot.at(key), key, archive, problems);
        problems.warning(
            "the image holds the key file " + key +
                ", which /etc/crypttab names: who may read the image may open the disk",
            "keep the image where only root reads it, on no /boot that is not encrypted; "
            "with 'none' in its place the passphrase is asked for");
    }
    for (const std::string& header : machine.header_files())
        add_with_libraries(sysroot.at(header), header, archive, problems);
}

}  // namespace prologue::images
