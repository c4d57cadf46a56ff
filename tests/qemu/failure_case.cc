// SPDX-License-Identifier: MIT
#include "tests/qemu/failure_case.h"

#include "tests/qemu/disks.h"

namespace prologue::qemu_tests {

Boot boot_of(const Failure& failure) {
    Boot it;
    it.config = std::string(kPowerOffOnFailure) + kDrivers + failure.line + "\n" + failure.more;
    it.disks = failure.disks;
    it.words = failure.words;
    it.image_options = failure.image_options;
    it.qemu = failure.qemu;
    return it;
}

void check_failed(const Failure& failure, const Transcript& text, Where where) {
    text.has_block(with_identifiers(failure.block), where);
    text.has(kPoweringOff, where);
    text.has("reboot: Power down", where);
    text.lacks("guest: *", where);
    text.takes_at_most(failure.bound + 1, kDriversLoaded, "reboot: Power down", where);
}

void check_init_failure(const std::string& disk, const std::string& words, const std::string& block,
                        Where where) {
    check_failure({.line = "mount LABEL={" + disk + ".label} /newroot",
                   .disks = {{disk}},
                   .block = block,
                   .words = words,
                   .bound = 60},
                  where);
}

Transcript check_failure(const Failure& failure, Where where) {
    const Transcript text = boot(boot_of(failure), End::kPowerOff, where);
    check_failed(failure, text, where);
    return text;
}

}  // namespace prologue::qemu_tests
