// SPDX-License-Identifier: MIT
// "Fail call k, for every k": each boot is run again and again, and each time another one of its
// calls fails with EIO. Whatever fails, the boot must say so or be allowed not to, and after a
// failure nothing may be taken apart any more.
#include "tests/unit/test.h"

#include <algorithm>
#include <map>

#include "tests/trace/scenario.h"

namespace prologue::fake {
namespace {

// Calls whose failure a boot may pass over in silence, and why.
struct Tolerated {
    std::string_view call;  // the beginning of "KIND OBJECT"
    std::string_view why;
};
constexpr Tolerated kTolerated[] = {
    {"read /sys/class/dmi/id/", "a machine without SMBIOS has empty board values"},
    {"read /proc/self/mountinfo", "asked before a mount only to spare it; the guards ask again"},
    {"read /proc/filesystems", "not knowing, the driver is asked for, and the mount call decides"},
    {"stat ",
     "a directory that cannot be seen is made, and mkdir says what is wrong; when=exists "
     "reads it as absent; an init that cannot be seen is passed over for the next one"},
    {"lstat /newroot",
     "a mount point that cannot be seen does not take its mount, which is then "
     "left behind with a warning"},
    {"list /sys/class/block",
     "asked first only to know what an undo may remove; where that is not known it removes "
     "nothing"},
    {"find ",
     "a disk of crypttab that cannot be looked for leaves the mapping its name; every other search "
     "is "
     "the stage's own work, and its error is told"},
    {"umount /run/prologue.key", "a mount of the child's own, which ends with it"},
    {"rmdir /run/prologue.key", "an empty directory in a tmpfs"},
    {"trial ",
     "an init that does not run is passed over for the next one; none at all is an error"},
};

constexpr std::size_t kNoFault = static_cast<std::size_t>(-1);  // a call that is never reached

bool is_tolerated(const std::string& call) {
    return std::any_of(std::begin(kTolerated), std::end(kTolerated),
                       [&](const Tolerated& one) { return call.starts_with(one.call); });
}

std::vector<Scenario> all_scenarios() {
    std::vector<Scenario> list = scenarios_in("trace");
    for (Scenario& shipped : scenarios_in("../config")) {
        shipped.has_everything = true;
        // These take all that they do from the command line.
        if (shipped.name.starts_with("default-tag"))
            shipped.conf = "# cmdline=root=share rootfstype=9p\n" + shipped.conf;
        else if (shipped.name.starts_with("default"))
            shipped.conf = "# cmdline=root=/dev/vda\n" + shipped.conf;
        if (shipped.name != "prelude.conf") list.push_back(std::move(shipped));
    }
    return list;
}

bool takes_apart(const std::string& act) {
    return act.starts_with("umount") || act.starts_with("pivot_root") || act.starts_with("stop") ||
           (act.starts_with("mount") && act.ends_with(" move"));
}

// Nothing is taken apart before switch_root has proved that it can work.
void check_no_early_destruction(const BootResult& boot) {
    if (boot.ending == Ending::kSwitchRoot) return;
    bool is_renamed = false;
    for (const std::string& act : boot.acts) {
        // The mount of a key stick is in the mounts of one child alone.
        if (act.starts_with("umount /run/prologue.key")) continue;
        // A mount that was just made is made again, of a mapping that has another name now.
        if (is_renamed && act.starts_with("umount /newroot")) continue;
        is_renamed = act.starts_with("rename mapping");
        CHECK_FALSE_MESSAGE(takes_apart(act), boot.trace);
    }
    CHECK_FALSE(boot.handed_over);
}

// A hand-over that fails gives back what it has moved.
void check_undone(const BootResult& boot) {
    if (boot.ending != Ending::kSwitchRoot || boot.handed_over) return;
    CHECK_MESSAGE(boot.targets_before == boot.targets_after, boot.trace);
}

void check_one(const Scenario& scenario, std::size_t k, const BootResult& sound) {
    const BootResult boot = run_boot(scenario, k);
    INFO(scenario.name << ", call " << k << ": " << boot.faulted_call);
    CHECK_FALSE(boot.faulted_call.empty());
    const bool told = boot.complained || boot.ending == Ending::kNone;
    if (!told) CHECK_MESSAGE(is_tolerated(boot.faulted_call), boot.trace);
    if (boot.ending == Ending::kNone) CHECK_MESSAGE(boot.complained, boot.trace);
    // A boot that is sound by itself cannot become another one by a failure: it ends as it would
    // have, or it fails.
    if (boot.ending != Ending::kNone && sound.ending != Ending::kNone) {
        CHECK(boot.ending == sound.ending);
    }
    check_no_early_destruction(boot);
    check_undone(boot);
}

}  // namespace

TEST_CASE("sweep: any call may fail, and no boot does harm or keeps it to itself") {
    std::size_t boots = 0;
    for (const Scenario& scenario : all_scenarios()) {
        // A trace that brings its own fault has it replaced here: a sweep has one fault at a time.
        const BootResult sound = run_boot(scenario, kNoFault);
        for (std::size_t k = 1; k <= sound.calls; ++k, ++boots) check_one(scenario, k, sound);
    }
    CHECK(boots >= 1000);
}

TEST_CASE("sweep: the shipped configs boot on a machine that has what they ask for") {
    for (const Scenario& scenario : all_scenarios()) {
        if (!scenario.has_everything) continue;
        const BootResult boot = run_boot(scenario);
        CHECK_MESSAGE(boot.config_is_good, boot.trace);
        CHECK_MESSAGE(boot.ending != Ending::kNone, boot.trace);
    }
}

TEST_CASE("sweep: a locked image never asks and never halts") {
    for (Scenario scenario : all_scenarios()) {
        if (scenario.name[0] < '0' || scenario.name[0] > '9') continue;
        scenario.conf = "# locked\n" + scenario.conf;
        const BootResult boot = run_boot(scenario);
        CHECK_MESSAGE(boot.trace.find("rescue shell") == std::string::npos, boot.trace);
    }
}

}  // namespace prologue::fake
