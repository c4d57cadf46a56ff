// SPDX-License-Identifier: MIT
// prologue config: the config of the running machine.
#include "images/command.h"
#include "images/host.h"
#include "images/machine/host_image.h"
#include "images/problems.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--host", "", "", "of the running machine: its root, the disks and drivers below it"},
    {"--sysroot", "", "DIR", "of the machine whose /proc, /sys, /dev and /etc are below DIR"},
};

int run(const CommandLineWords& line) {
    if (!line.has("--host"))
        return usage_error("of which machine? '--host' is the one that runs now");
    const Result<Machine> machine = read_machine(Sysroot(line.value("--sysroot")));
    if (!machine) return report(machine.error());
    Problems problems;
    const HostConfig config = plan_machine(*machine, HostPlanOptions(), problems);
    problems.print();
    if (problems.has_errors()) return kExitErrors;
    const Result<> written = write_output("-", config.source->text, 0);
    return written ? kExitClean : report(written.error());
}

}  // namespace

constinit const Command kConfigCommand = {
    "config", "--host", "print a config for the running machine, with its reasons", kOptions, 0,
    0,        run};

}  // namespace prologue::images
