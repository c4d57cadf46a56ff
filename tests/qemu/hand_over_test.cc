// SPDX-License-Identifier: MIT
// What the real init finds: its words, its root, its processes, its memory.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kPowerOff[] = " prologue.on-failure=poweroff";

// A boot into one of the ext4 roots.
Boot boot_of(const std::string& disk, const std::string& words, const std::string& lines = "",
             const std::string& options = "") {
    Boot it;
    it.config = std::string(kDrivers) + lines + "mount LABEL={" + disk + ".label} /newroot\n" +
                "switch_root /newroot" + options + "\n";
    it.disks = {{disk}};
    // The words of the guest stand before a "--" in the others.
    it.words = "guest.cat=/etc/marker" + std::string(kPowerOff) + " " + words;
    return it;
}

// An image with a file of 48 MiB that no compression is asked to make small.
void fill_image(Boot& it) {
    const std::string path = work_folder() + "/ballast";
    write_file(path, std::string(48 << 20, 'x'));
    it.image_options = {"--compress",       "none",  "--add",
                        path + ":/ballast", "--add", settings().guest_init + ":/bin/guest"};
}

// Memory that the image took must be free again for the real root.
void check_memory(const Transcript& text, Where where = Where::current()) {
    const long used =
        text.number_behind("guest: MemTotal=") - text.number_behind("guest: MemFree=");
    if (used >= 0 && used < 48 * 1024) return;
    fail_at(where, "KiB in use in the real root: " + std::to_string(used));
}

}  // namespace

TEST_CASE("hand-over: words and environment with quotes") {
    const Transcript text = boot(boot_of("ext4",
                                         "single FOO=\"a b\" dotted.word=1 BAR=1 "
                                         "-- \"two words\" --three"));
    check_hand_over(text);
    text.has("guest: argv[0]=/sbin/init");
    text.has("guest: argv[1]=single");
    text.has("guest: argv[2]=two words");
    text.has("guest: argv[3]=--three");
    text.lacks("guest: argv[4]=*");
    text.has("guest: env FOO=a b");
    text.has("guest: env BAR=1");
    text.has("guest: env HOME=/");
    text.has("guest: env TERM=linux");
    text.lacks("guest: env *.*=*");
}

TEST_CASE("hand-over: rootfs as ramfs is emptied") {
    Boot it = boot_of("ext4", "root=/dev/vda");
    fill_image(it);
    const Transcript text = boot(it);
    check_hand_over(text);
    check_memory(text);
}

TEST_CASE("hand-over: rootfs as tmpfs is emptied") {
    Boot it = boot_of("ext4", "");
    fill_image(it);
    const Transcript text = boot(it);
    check_hand_over(text);
    check_memory(text);
}

TEST_CASE("hand-over: what is said to the kernel's log is limited again") {
    boot(boot_of("ext4", "guest.cat=/proc/sys/kernel/printk_devkmsg"))
        .has("guest: cat /proc/sys/kernel/printk_devkmsg: ratelimit");
}

TEST_CASE("hand-over: init is a symlink to an absolute path") {
    const Transcript text = boot(boot_of("ext4-abslink", ""));
    check_hand_over(text);
    text.has("guest: argv[0]=/sbin/init");
    text.has("guest: cat /etc/marker: ext4-abslink");
}

TEST_CASE("hand-over: systemd gets what its own initrd gives it") {
    Boot it = boot_of("ext4", "single");
    it.disks.front().file = copy_of_disk("ext4");
    for (const std::string& request :
         {std::string("mkdir lib"), std::string("mkdir lib/systemd"),
          "write " + settings().guest_init + " lib/systemd/systemd",
          std::string("sif lib/systemd/systemd mode 0100755"), std::string("rm sbin/init"),
          std::string("symlink sbin/init ../lib/systemd/systemd")}) {
        const ProgramEnd end = run_program({"debugfs", "-w", "-R", request, it.disks[0].file});
        CHECK_MESSAGE(end.status == 0, end.output);
    }
    const Transcript text = boot(it);
    text.has("guest: argv[0]=/sbin/init");
    text.has("guest: argv[1]=--switched-root");
    text.has("guest: argv[2]=--system");
    text.has("guest: argv[3]=--deserialize");
    text.has("guest: argv[5]=single");
    text.lacks("guest: argv[6]=*");
    const long number = text.number_behind("guest: argv[4]=");
    text.has("guest: fd " + std::to_string(number) + " -> /memfd:systemd-state (deleted)");
    text.has_times(1, "guest: fd * -> *");
    text.has("guest: processes=1");
}

TEST_CASE("hand-over: init is a script") {
    const Transcript text = boot(boot_of("ext4-script", ""));
    text.has("script: hello from /sbin/init");
    text.has("guest: hello from the real root");
    text.has("guest: processes=1");
    text.has("guest: rootfs hidden");
    text.has("guest: end");
}

TEST_CASE("hand-over: init= of the line") {
    const Transcript text = boot(boot_of("ext4-abslink", "", "", "   init=/lib/real/init"));
    check_hand_over(text);
    text.has("prologue: switch_root /dev/vda (ext4) -> /lib/real/init, * ms");
    text.has("guest: argv[0]=/lib/real/init");
}

TEST_CASE("hand-over: init= of the command line beats the line's") {
    const Transcript text =
        boot(boot_of("ext4-abslink", "init=/lib/real/init", "", "   init=/not/there"));
    check_hand_over(text);
    text.has("guest: argv[0]=/lib/real/init");
}

TEST_CASE("hand-over: the last of ro and rw counts, and options=kernel takes rootflags=") {
    Boot it = boot_of("ext4", "ro rootflags=noatime,nodev rw");
    it.config = std::string(kDrivers) +
                "mount /dev/vda /newroot   options=kernel,nosuid\n"
                "switch_root /newroot\n";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=ext4 source=/dev/vda options=rw,nosuid,nodev,noatime *");
}

// As an fstab says it: the type is to be found out.
TEST_CASE("hand-over: rootfstype=auto") {
    Boot it = boot_of("ext4", "rootfstype=auto");
    it.config =
        std::string(kDrivers) + "mount /dev/vda /newroot   options=kernel\nswitch_root /newroot\n";
    const Transcript text = boot(it);
    check_hand_over(text);
    text.has("guest: root fstype=ext4 *");
}

TEST_CASE("hand-over: a root without /dev /proc /sys /run") {
    const Transcript text = boot(boot_of("ext4-nodirs", ""));
    text.has("guest: hello from the real root");
    text.has("guest: no /dev");
    text.has("guest: no /proc");
    text.has("guest: end");
    for (const char* directory : {"/dev", "/proc", "/sys", "/run"})
        text.has("prologue: switch_root: the new root has no directory " + std::string(directory) +
                 "; what is mounted there is left behind");
}

TEST_CASE("hand-over: processes that exec left are ended") {
    Boot it = boot_of("ext4", "", "exec /bin/daemon\n");
    it.image_options = {"--add", guest_program("daemon")};
    const Transcript text = boot(it);
    check_hand_over(text);
}

// kernel.yama.ptrace_scope=3 lets nobody trace anybody, and can come before /init.
TEST_CASE("hand-over: a kernel that forbids to trace cannot have the init tried out") {
    check_hand_over(boot(boot_of("ext4", "sysctl.kernel.yama.ptrace_scope=3")));
}

TEST_CASE("hand-over: a process whose name begins with @ stays") {
    Boot it = boot_of("ext4", "", "exec /bin/atdaemon\n");
    it.image_options = {"--add", guest_program("atdaemon")};
    const Transcript text = boot(it);
    text.has("guest: hello from the real root");
    text.has("guest: processes=2");
    text.has("guest: process * (exe)");  // it started itself anew, by /proc/self/exe
}

TEST_CASE("hand-over: quiet says nothing of its own") {
    const Transcript text = boot(boot_of("ext4", "quiet"));
    check_hand_over(text);
    text.lacks("prologue: *");
}

TEST_CASE("hand-over: poweroff without a disk") {
    Boot it;
    it.config = "poweroff\n";
    const Transcript text = boot(it, End::kPowerOff);
    text.has("reboot: Power down");
}

TEST_CASE("hand-over: reboot without a disk") {
    Boot it;
    it.config = "reboot\n";
    const Transcript text = boot(it, End::kReboot);
    text.has("reboot: Restarting system");
}

TEST_CASE("hand-over: QEMU's exit device says whether the plan succeeded") {
    Boot it;
    it.config = "poweroff\n";
    it.words = "prologue.debug-exit";
    Vm good(machine_of(it));
    good.finish();
    CHECK(good.status() == 0x21);
    it.config = "set on-failure poweroff\nwrite /nothing 1\npoweroff\n";
    Vm bad(machine_of(it));
    bad.finish();
    CHECK(bad.status() == 0x23);
}

}  // namespace prologue::qemu_tests
