// SPDX-License-Identifier: MIT
#include "tests/qemu/boot.h"

#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr std::string_view kNeverSaid[] = {
    "*Kernel panic*", "*Attempted to kill init*", "*internal fault in PID 1*", "*internal error*",
    "*Call Trace:*",
};

constexpr std::string_view kGoodRoot[] = {
    "guest: fds clean",
    "guest: pid=1 ppid=0 pgid=0 sid=0",
    "guest: cwd=/",
    "guest: umask=0022",
    "guest: rlimit data=unlimited/unlimited",
    "guest: SigBlk=0000000000000000",
    "guest: SigIgn=0000000000000000",
    "guest: SigCgt=0000000000000000",
    "guest: mount /dev devtmpfs *",
    "guest: mount /proc proc *",
    "guest: mount /sys sysfs *",
    "guest: mount /run tmpfs *",
    "guest: rootfs hidden",
    "guest: processes=1",
    "guest: end",
};

}  // namespace

Boot boot_of_root() {
    Boot it;
    it.config = std::string(kDrivers) + "mount UUID={ext4.uuid} /newroot\n" + kSwitchRoot;
    it.disks = {{"ext4"}};
    it.words = "prologue.on-failure=poweroff";
    return it;
}

std::vector<std::string> with_faults() {
    return {"--init", settings().build + "/tests/guest/prologue-init-faults"};
}

Boot boot_of_faults(const std::string& config, const std::string& words) {
    Boot it;
    it.config = config;
    it.words = "prologue.on-failure=poweroff " + words;
    it.image_options = with_faults();
    return it;
}

Machine machine_of(const Boot& boot) {
    Machine machine;
    machine.image = build_image({boot.config, boot.image_options, boot.unchecked_config});
    machine.words = boot.words;
    machine.disks = boot.disks;
    machine.arguments = boot.qemu;
    machine.memory_mib = boot.memory_mib;
    machine.consoles = boot.consoles;
    return machine;
}

void check_end(const Vm& vm, End end, Where where) {
    const Transcript text = vm.transcript();
    for (const std::string_view pattern : kNeverSaid) text.lacks(pattern, where);
    switch (vm.ended_by()) {
        case EndedBy::kLimit: return fail_at(where, "the machine was still running at the limit");
        case EndedBy::kSignal: return fail_at(where, "QEMU was ended by a signal");
        case EndedBy::kItself: break;
    }
    if (vm.status() != 0) return fail_at(where, "QEMU exits with " + std::to_string(vm.status()));
    const std::string_view wanted = end == End::kPowerOff ? "guest-shutdown" : "guest-reset";
    if (vm.reason() != wanted)
        fail_at(where,
                "the machine's end: '" + vm.reason() + "' instead of " + std::string(wanted));
}

Transcript boot(const Boot& boot, End end, Where where) {
    Vm vm(machine_of(boot));
    vm.finish();
    check_end(vm, end, where);
    return vm.transcript();
}

void check_hand_over(const Transcript& text, Where where) {
    text.has("guest: hello from the real root", where);
    if (!text.contains("guest: hello from the real root")) return;  // the rest would only repeat it
    for (const std::string_view pattern : kGoodRoot) text.has(pattern, where);
    text.lacks("*could not be freed*", where);
    text.lacks("*prologue: *warning*", where);
    text.lacks("guest: fd *->*", where);
}

void must(Vm& vm, std::string_view command, Where where) {
    const std::string answer = vm.command(command);
    if (!answer.starts_with(R"({"return")")) fail_at(where, answer);
}

void throttle(Vm& vm, const std::string& bytes_per_second, const std::string& drive, Where where) {
    must(vm,
         R"({"execute": "block_set_io_throttle", "arguments": {"device": ")" + drive +
             R"(", "bps": )" + bytes_per_second +
             R"(, "bps_rd": 0, "bps_wr": 0, "iops": 0, "iops_rd": 0, "iops_wr": 0}})",
         where);
}

bool hold_up(Vm& vm, const std::string& drive, Where where) {
    if (!vm.wait_for("gate: closed", where)) return false;
    throttle(vm, "1", drive, where);
    vm.send("\n");
    return true;
}

void plug_in(Vm& vm, Where where) {
    must(
        vm,
        R"({"execute": "device_add", "arguments": {"driver": "virtio-blk-pci", "drive": "drive0"}})",
        where);
}

}  // namespace prologue::qemu_tests
