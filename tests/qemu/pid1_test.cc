// SPDX-License-Identifier: MIT
// Faults of PID 1 itself in an initramfs, which a child of a stage brings about (tests/guest/faults.cc):
// the machine restarts, and the kernel does not panic. ends_test.cc has those of the init of a real root.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"

namespace prologue::qemu_tests {
namespace {

// PID 1 says so and restarts the machine: on its console and in the kernel's log.
void check_last_words(const Boot& boot, const std::string& what, Where where = Where::current()) {
    Vm vm(machine_of(boot));
    vm.finish();
    const Transcript text = vm.transcript();
    text.has_times(2, "prologue: internal fault in PID 1: " + what + "; rebooting", where);
    text.lacks("*Kernel panic*", where);
    text.lacks("*Attempted to kill init*", where);
    text.has("reboot: Restarting system", where);
    if (vm.reason() != "guest-reset") fail_at(where, "the machine's end: '" + vm.reason() + "'");
}

Boot boot_with(const std::string& fault) {
    return boot_of_faults("find /dev/vda -> root\nreboot\n", "guest.fault=1:pid1-" + fault);
}

}  // namespace

TEST_CASE("pid1: a segmentation fault") {
    check_last_words(boot_with("segv"), "segmentation fault (SIGSEGV)");
}

TEST_CASE("pid1: an abort") {
    check_last_words(boot_with("abort"), "aborted");
}

TEST_CASE("pid1: an exit") {
    check_last_words(boot_with("exit"), "an exit");
}

TEST_CASE("pid1: no more memory") {
    Boot it = boot_of_faults("exec /bin/pid1-memory\nexec /bin/pid1-memory\npoweroff\n",
                             "guest.fault=2:long");
    it.image_options.insert(it.image_options.end(), {"--add", trouble_program("pid1-memory")});
    check_last_words(it, "out of memory");
}

TEST_CASE("pid1: no signal ends it") {
    Boot it;
    it.config = "exec /bin/pid1-kill\npoweroff\n";
    it.words = "prologue.on-failure=poweroff";
    it.image_options = {"--add", trouble_program("pid1-kill")};
    boot(it).has("prologue: exec /bin/pid1-kill, * ms");
}

}  // namespace prologue::qemu_tests
