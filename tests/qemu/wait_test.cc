// SPDX-License-Identifier: MIT
// Waits for a device that are disturbed: by events, by too many of them, by the clock.
#include <doctest/doctest.h>

#include "tests/qemu/failure_case.h"

namespace prologue::qemu_tests {
namespace {

// The root is a disk that is not there yet; another one sends events.
Boot disturbed_boot(const std::string& trouble) {
    Boot it = boot_of_root();
    it.config = std::string(kDrivers) + "exec /bin/" + trouble +
                "\nmount UUID={ext4.uuid} /newroot\n" + kSwitchRoot;
    it.image_options = {"--add", trouble_program(trouble)};
    it.disks = {{"ext4", ""}, {"nonformatted"}};
    return it;
}

// Plugs the root in when the guest says so, and gives all that is said.
Transcript boot_with_late_root(const Boot& boot, std::string_view when,
                               Where where = Where::current()) {
    Vm vm(machine_of(boot));
    if (!vm.wait_for(when, where)) return vm.transcript();
    plug_in(vm, where);
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    check_hand_over(vm.transcript(), where);
    return vm.transcript();
}

}  // namespace

TEST_CASE("wait: the device comes in a storm of 3000 events") {
    const Transcript text =
        boot_with_late_root(disturbed_boot("storm"), "storm: half over, 1500 events, none lost");
    text.has("storm: over, 3000 events, none lost");
    text.has("prologue: mount /dev/vdb (ext4) on /newroot, * ms");
}

// Its own event is lost, so that only another look at all devices finds it.
TEST_CASE("wait: the device comes when its event has no room") {
    const Transcript text =
        boot_with_late_root(disturbed_boot("overrun"), "storm: held, 40000 events, some lost");
    text.has("prologue: mount /dev/vdb (ext4) on /newroot, * ms");
}

TEST_CASE("wait: a clock that goes a day forward and back moves no deadline") {
    const Failure failure = {
        .line = "exec /bin/clock",
        .disks = {},
        .block = R"(/etc/prologue.conf:4:1: error: find LABEL=nowhere: timed out after 2 s
    4 | mount LABEL=nowhere /newroot   timeout=2s
      | ^~~~~
  seen: no block devices at all
  hint: *)",
        .more = "mount LABEL=nowhere /newroot   timeout=2s\nswitch_root /newroot\n",
        .image_options = {"--add", trouble_program("clock")},
        .bound = 30 + 2};
    const Transcript text = check_failure(failure);
    text.has_order("clock: moved", kPoweringOff);
    constexpr char kBefore[] = "prologue: exec /bin/clock, * ms";
    text.takes_at_most(2 + 1, kBefore, "reboot: Power down");
    CHECK(text.time_of("reboot: Power down") - text.time_of(kBefore) >= 2);
}

}  // namespace prologue::qemu_tests
