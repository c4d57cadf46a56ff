// SPDX-License-Identifier: MIT
// Children that crash, hang, eat all memory or cannot be killed, in each kind of stage. What they do is
// in tests/guest/faults.cc.
#include <doctest/doctest.h>

#include "tests/qemu/failure_case.h"

namespace prologue::qemu_tests {
namespace {

// All but those of memory; each is one try, and only the last three take the line's timeout.
constexpr char kTries[] = "segv,abort,exit,loop,noterm,disk";
// Filesystems are written out before the machine stops, and a disk that does not answer holds that up.
constexpr double kSyncBound = 10.5 + 1;  // and a second for the death of the one that does it
constexpr char kQuick[] = " retries=5 timeout=100ms on-failure=continue ";

// What the log says of the tries of a line; `last` is said of the last one of them.
void check_tries(const Transcript& text, const std::string& keyword, const std::string& bound,
                 const std::string& last, Where where = Where::current()) {
    const std::string said = "prologue: " + keyword + ": ";
    text.has(said + "crashed: SIGSEGV; trying again, *", where);
    text.has(said + "crashed: SIGABRT; trying again, *", where);
    text.has(said + "ended without a report, exit status 3; trying again, *", where);
    text.has_times(2, said + "was still at work after " + bound + " and was ended; trying again, *",
                   where);
    text.has(said + "stuck in kernel; " + last, where);
}

// Boots a machine whose disks answer no more from where its config has the program `gate`.
Transcript check_held_up(const Failure& failure, Where where = Where::current()) {
    Vm vm(machine_of(boot_of(failure)));
    if (!hold_up(vm, "drive1", where)) return vm.transcript();
    vm.finish();
    check_end(vm, End::kPowerOff, where);
    check_failed(failure, vm.transcript(), where);
    return vm.transcript();
}

}  // namespace

// Every keyword times every fault, and then the root is reached, and nothing is left of them.
TEST_CASE("fault: each kind of stage goes wrong in each way") {
    const std::string tries = kTries;
    Boot it = boot_of_faults(kDrivers + std::string("exec /bin/gate\n") +  //
                                 "mount tmpfs /mnt" + kQuick +             //
                                 "\numount /run" + kQuick +                //
                                 "\nmodules loop" + kQuick +               //
                                 "\nexec" + kQuick +
                                 "/bin/gate"  //
                                 "\nwrite /proc/sys/kernel/hostname changed" +
                                 kQuick +
                                 "\nfind /dev/vda -> root   retries=6 timeout=1s\n"
                                 "exec /bin/gate\n"
                                 "mount root /newroot\n"
                                 "switch_root /newroot   retries=5 timeout=2s\n",
                             "guest.fault=3:" + tries + " guest.fault=4:" + tries +
                                 " guest.fault=5:" + tries + " guest.fault=6:" + tries +
                                 " guest.fault=7:" + tries + " guest.fault=8:" + tries +
                                 " guest.fault=11:segv,abort,exit,loop,noterm "
                                 "guest.cat=/proc/sys/kernel/hostname guest.stat=/run");
    it.disks = {{"ext4"}, {"nonformatted"}};
    it.image_options.insert(it.image_options.end(), {"--add", trouble_program("gate")});
    Vm vm(machine_of(it));
    if (!hold_up(vm)) return;
    if (!vm.wait_for("prologue: find /dev/vda* -> root, * ms")) return;
    throttle(vm, "0");
    vm.send("\n");
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    for (const char* keyword : {"mount", "umount", "modules", "exec", "write"})
        check_tries(text, keyword, "100 ms", "going on (on-failure=continue)");
    check_tries(text, "find", "1 s", "trying again, 1 left");
    check_hand_over(text);
    text.lacks("guest: cat /proc/sys/kernel/hostname: changed");
}

TEST_CASE("fault: each kind of stage eats all memory") {
    std::string words;
    for (const char* line : {"1", "2", "3", "4", "5"})
        words += "guest.fault=" + std::string(line) + ":memory,huge ";
    const std::string options = " retries=1 on-failure=continue ";
    Boot it = boot_of_faults(
        "mount tmpfs /mnt" + options + "\numount /run" + options + "\nmodules loop" + options +
            "\nexec" + options + "/init" + "\nwrite /proc/sys/kernel/hostname changed" + options +
            "\nexec on-failure=continue /bin/hog" + "\nfind /dev/vda -> root\nreboot\n",
        words + "guest.fault=7:memory");
    it.image_options.insert(it.image_options.end(), {"--add", trouble_program("hog")});
    it.memory_mib = 128;
    Vm vm(machine_of(it));
    vm.finish();
    CHECK(vm.reason() == "guest-shutdown");
    const Transcript text = vm.transcript();
    text.lacks("*Kernel panic*");
    for (const char* keyword : {"mount", "umount", "modules", "exec", "write"}) {
        const std::string said = "prologue: " + std::string(keyword) + ": ";
        text.has(said + "crashed: SIGKILL; trying again, 1 left");
        text.has(said + "Out of memory (ENOMEM); going on (on-failure=continue)");
    }
    text.has("prologue: exec /bin/hog: killed by signal 9; going on (on-failure=continue)");
    text.has_block(R"(/etc/prologue.conf:7:1: error: find: crashed: SIGKILL
    7 | find /dev/vda -> root
      | ^~~~
  hint: the kernel may have run out of memory; see its log
prologue: powering off in 0 ms (on-failure=poweroff))");
}

// The child is gone behind its work: another try does it once more, on nothing but what is there. The
// umount is done, so that it has no other try.
TEST_CASE("fault: each kind of stage goes wrong behind its work") {
    const std::string again = "   retries=1 timeout=1s";
    Boot it = boot_of_faults(
        "modules virtio_pci virtio_blk ext4   retries=1" + std::string("\nmount tmpfs /mnt") +
            again + "\numount /mnt   on-failure=continue" + "\nfind UUID={ext4.uuid} -> root" +
            again + "\nwrite /proc/sys/kernel/hostname changed" + again +
            "\nexec retries=1 timeout=1s /bin/hello" + "\nmount root /newroot" + again +
            "\nswitch_root /newroot" + again + "\n",
        "guest.fault=1:after-abort guest.fault=2:after-segv "
        "guest.fault=3:after-segv guest.fault=4:after-abort "
        "guest.fault=5:after-loop guest.fault=6:after-exit "
        "guest.fault=7:after-loop guest.fault=8:after-noterm "
        "guest.cat=/proc/sys/kernel/hostname");
    it.disks = {{"ext4"}};
    it.image_options.insert(it.image_options.end(), {"--add", guest_program("hello")});
    const Transcript text = boot(it);
    for (const char* said :
         {"modules: crashed: SIGABRT; trying again, 1 left",
          "mount: crashed: SIGSEGV; trying again, 1 left",
          "mount: was still at work after 1 s and was ended; trying again, 1 left",
          "umount: crashed: SIGSEGV; going on (on-failure=continue)",
          "find: crashed: SIGABRT; trying again, 1 left",
          "write: was still at work after 1 s and was ended; trying again, 1 left",
          "exec: ended without a report, exit status 3; trying again, 1 left",
          "switch_root: was still at work after 1 s and was ended; trying again, 1 left"})
        text.has("prologue: " + std::string(said));
    text.has_times(2, "hello from exec");
    check_hand_over(text);
    text.has("guest: cat /proc/sys/kernel/hostname: changed");
}

TEST_CASE("fault: a mount that crashes ends the boot") {
    check_failure({.line = "mount UUID={ext4.uuid} /newroot",
                   .block = R"(/etc/prologue.conf:3:1: error: mount: crashed: SIGSEGV
    3 | mount UUID={ext4.uuid} /newroot
      | ^~~~~)",
                   .words = "guest.fault=3:after-segv",
                   .image_options = with_faults()});
}

TEST_CASE("fault: a find that hangs ends the boot") {
    check_failure(
        {.line = "find UUID={ext4.uuid} -> root   timeout=1s",
         .block =
             R"(/etc/prologue.conf:3:1: error: find: was still at work after 1 s and was ended
    3 | find UUID={ext4.uuid} -> root   timeout=1s
      | ^~~~
  seen: find was waiting in do_sys_poll
  hint: timeout= on this line gives it longer)",
         .words = "guest.fault=3:noterm",
         .more = "mount root /newroot\nswitch_root /newroot\n",
         .image_options = with_faults(),
         .bound = 1});
}

TEST_CASE("fault: a switch_root that aborts ends the boot") {
    check_failure({.line = "mount UUID={ext4.uuid} /newroot",
                   .block = R"(/etc/prologue.conf:4:1: error: switch_root: crashed: SIGABRT
    4 | switch_root /newroot   retries=3 timeout=200ms
      | ^~~~~~~~~~~)",
                   .words = "guest.fault=4:segv,exit,loop,after-abort",
                   .more = "switch_root /newroot   retries=3 timeout=200ms\n",
                   .image_options = with_faults()});
}

// What stops the machine is a stage, too; when its child fails, the policy stops it.
TEST_CASE("fault: a reboot whose child fails") {
    const Transcript text =
        boot(boot_of_faults("reboot   retries=3 timeout=200ms on-failure=poweroff\n",
                            "guest.fault=1:segv,abort,noterm,exit"));
    text.has_block(
        R"(/etc/prologue.conf:1:1: error: reboot: ended without a report, exit status 3
    1 | reboot   retries=3 timeout=200ms on-failure=poweroff
      | ^~~~~~
prologue: powering off in 0 ms (on-failure=poweroff))");
}

TEST_CASE("fault: a poweroff whose child fails") {
    const Transcript text =
        boot(boot_of_faults("poweroff   retries=3 timeout=200ms on-failure=reboot\n",
                            "guest.fault=1:segv,abort,exit,loop"),
             End::kReboot);
    text.has_block(
        R"(/etc/prologue.conf:1:1: error: poweroff: was still at work after 200 ms and was ended
    1 | poweroff   retries=3 timeout=200ms on-failure=reboot
      | ^~~~~~~~
  seen: poweroff was running
  hint: timeout= on this line gives it longer
prologue: rebooting in 0 ms (on-failure=reboot))");
}

TEST_CASE("fault: a halt whose child fails") {
    const Transcript text =
        boot(boot_of_faults("halt   retries=3 timeout=200ms on-failure=poweroff\n",
                            "guest.fault=1:abort,exit,loop,huge"));
    text.has_block(R"(/etc/prologue.conf:1:1: error: halt: Out of memory (ENOMEM)
    1 | halt   retries=3 timeout=200ms on-failure=poweroff
      | ^~~~
  hint: give the machine more memory, or the stage less to do
prologue: powering off in 0 ms (on-failure=poweroff))");
}

// A disk that answers no more, and this program as it is.
TEST_CASE("fault: a mount that is stuck in the kernel") {
    Failure failure = {
        .line = "exec /bin/gate",
        .disks = {{"nonformatted"}, {"ext4"}},
        .block = R"(/etc/prologue.conf:4:1: error: mount: stuck in kernel
    4 | mount /dev/vdb /newroot   type=ext4 timeout=1s
      | ^~~~~
  seen: mount was waiting in ext4_read_bh*; not answered yet: vdb
  seen: stack: *ext4_fill_super*
  hint: a disk or a driver does not answer; the kernel's log may say more)",
        .more = "mount /dev/vdb /newroot   type=ext4 timeout=1s\nswitch_root /newroot\n",
        .image_options = {"--add", trouble_program("gate")},
        .bound = 30 + 1 + 1.2};
    check_held_up(failure).takes_at_most(1 + 1.2 + kSyncBound + 1, "prologue: exec /bin/gate, *",
                                         "reboot: Power down");
}

// The kernel looks for a hibernated system under the lock that each reboot(2) takes. The guest's clock
// skips its idle time, so that the minutes until then pass in seconds.
TEST_CASE("fault: a reboot that a stuck stage holds up is done without the drivers") {
    Boot it;
    it.config = kDrivers + std::string(
                               "exec timeout=forever /bin/gate\n"
                               "exec timeout=1s on-failure=continue /bin/stuck\n"
                               "write /sys/power/resume /dev/vdb   timeout=1s\npoweroff\n");
    it.disks = {{"nonformatted"}, {"ext4"}};
    it.image_options = {"--add", trouble_program("gate"), "--add", trouble_program("stuck")};
    it.qemu = {"-icount", "shift=3,sleep=off"};
    it.words = "prologue.on-failure=reboot sysctl.kernel.hung_task_timeout_secs=0";
    Vm vm(machine_of(it));
    if (!hold_up(vm)) return;
    vm.finish();
    check_end(vm, End::kReboot);
    const Transcript text = vm.transcript();
    text.has("*error: write: stuck in kernel");
    text.has("sysrq: Resetting");
    text.lacks("reboot: Restarting system");
}

// The first disk that is read is the one that does not answer; the other one is found beside it.
TEST_CASE("fault: a find gets past a disk that does not answer, and takes it when it does") {
    Boot it;
    it.config = kDrivers + std::string(
                               "exec /bin/gate\nfind UUID={ext4.uuid} -> root   timeout=10s\n"
                               "exec /bin/ticker\nfind UUID={ext4-abslink.uuid} -> other\n"
                               "mount root /newroot\nswitch_root /newroot\n");
    it.disks = {{"ext4"}, {"ext4-abslink"}};
    it.image_options = {"--add", trouble_program("gate"), "--add", trouble_program("ticker")};
    it.words = "prologue.on-failure=poweroff";
    Vm vm(machine_of(it));
    if (!hold_up(vm)) return;
    if (!vm.wait_for("prologue: find /dev/vda (ext4*) -> root, * ms")) return;
    if (!vm.wait_for("ticker: 3 s")) return;
    throttle(vm, "0");
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("prologue: find /dev/vdb (ext4*) -> other, * ms");
    check_hand_over(vm.transcript());
}

// To say which root= would fit all disks are read, and this one takes that look with it.
TEST_CASE("fault: without root= a disk that does not answer is told as such") {
    Failure failure = {
        .line = "exec /bin/gate",
        .disks = {{"nonformatted"}, {"ext4"}},
        .block = R"(/etc/prologue.conf:4:1: error: expand ${cmdline.root}: the value is not set
    4 | mount ${cmdline.root} /newroot   timeout=4s
      | ^~~~~
  seen: /dev/vda: no filesystem found
  seen: /dev/vdb: does not answer)",
        .more = "mount ${cmdline.root} /newroot   timeout=4s\nswitch_root /newroot\n",
        .image_options = {"--add", trouble_program("gate")},
        .bound = 30 + 4};
    (void)check_held_up(failure);
}

TEST_CASE("fault: a find for a disk that does not answer says so") {
    Failure failure = {
        .line = "exec /bin/gate",
        .disks = {{"nonformatted"}, {"ext4"}},
        .block = R"(/etc/prologue.conf:4:1: error: find UUID={ext4.uuid}: timed out after 1 s
    4 | find UUID={ext4.uuid} -> root   timeout=1s
      | ^~~~
  seen: /dev/vda: no filesystem found
  seen: /dev/vdb: does not answer
  hint: compare it with the devices above, or load the driver of the one that is missing)",
        .more =
            "find UUID={ext4.uuid} -> root   timeout=1s\nmount root /newroot\n"
            "switch_root /newroot\n",
        .image_options = {"--add", trouble_program("gate")},
        .bound = 30 + 1};
    (void)check_held_up(failure);
}

// The look that a condition takes is part of its stage: PID 1 does not take it.
TEST_CASE("fault: a condition on a disk that answers no more") {
    Failure failure = {
        .line = "mount /dev/vdb /data   type=ext4",
        .disks = {{"nonformatted"}, {"ext4"}},
        .block = R"(/etc/prologue.conf:5:1: error: exec: stuck in kernel
    5 | exec when=exists:/data/sbin/nothing timeout=1s /bin/gate
      | ^~~~
  seen: exec was waiting in *; not answered yet: vdb
  seen: stack: *ext4_*
  hint: a disk or a driver does not answer; the kernel's log may say more)",
        .more =
            "exec /bin/gate\nexec when=exists:/data/sbin/nothing timeout=1s /bin/gate\npoweroff\n",
        .image_options = {"--add", trouble_program("gate")},
        .bound = 30 + 1 + 1.2};
    (void)check_held_up(failure);
}

TEST_CASE("fault: a program that a disk holds up is stuck as a stage is") {
    Failure failure = {
        .line = "exec /bin/gate",
        .disks = {{"ext4"}, {"nonformatted"}},
        .block = R"(/etc/prologue.conf:4:1: error: exec: stuck in kernel
    4 | exec timeout=1s /bin/stuck
      | ^~~~
  seen: stuck was waiting in *; not answered yet: vdb
  seen: stack: *blkdev_direct_IO*
  hint: a disk or a driver does not answer; the kernel's log may say more)",
        .more = "exec timeout=1s /bin/stuck\npoweroff\n",
        .image_options = {"--add", trouble_program("gate"), "--add", trouble_program("stuck")},
        .bound = 30 + 1 + 1.2};
    (void)check_held_up(failure);
}

}  // namespace prologue::qemu_tests
