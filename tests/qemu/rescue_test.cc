// SPDX-License-Identifier: MIT
// The rescue shell, typed at over the serial line: how it opens, what it mends, and how it is left.
#include <doctest/doctest.h>

#include "tests/qemu/luks.h"
#include "tests/qemu/person.h"
#include "tests/qemu/rescue_session.h"

namespace prologue::qemu_tests {
namespace {

// The disk of the tests has another label: line 2 fails.
Boot failing_boot() {
    Boot it = boot_of_root();
    it.config = std::string(kDrivers) + "mount LABEL=nowhere /newroot   timeout=1s\n" + kSwitchRoot;
    it.words = "";
    return it;
}

}  // namespace

TEST_CASE("rescue: a root that is not found is found by hand, and booted") {
    RescueSession person(failing_boot());
    person.vm.transcript().has("prologue: the rescue shell is open (on-failure=rescue)");
    person.type("find /dev/vda -> disk", "find /dev/vda (ext4) -> disk, * ms");
    person.type("mount disk /newroot", "mount /dev/vda (ext4) on /newroot, * ms");
    person.type("status", "   2  failed   * ms * mount LABEL=nowhere /newroot   timeout=1s");
    person.leave("continue");
    check_hand_over(person.vm.transcript());
}

TEST_CASE("rescue: the link by which the kernel asks for modules is there") {
    RescueSession person(failing_boot());
    person.type("ls -l /sbin", "*modprobe -> /init");
    person.leave("poweroff");
}

TEST_CASE("rescue: what is wrong with a line is said as in a file") {
    RescueSession person(failing_boot());
    person.type("mont /dev/vda /newroot", "  hint: did you mean 'mount'?");
    person.type("mount /dev/vda /newroot tpye=ext4",
                "(typed):1:25: error: 'mount' has no option 'tpye'");
    person.type("mount nothing /newroot", "(typed):1:7: error: 'nothing' is neither *");
    person.type("mount -t ext4 -o ro /dev/vda /newroot", "mount /dev/vda (ext4) on /newroot, * ms");
    person.type("switch_root /nowhere",
                "(typed):1:1: error: stat /nowhere: No such file or directory (ENOENT)");
    person.leave("switch_root /newroot");
    check_hand_over(person.vm.transcript());
}

TEST_CASE("rescue: retry goes on from the line that failed, once the disk is there") {
    Boot it = failing_boot();
    it.config =
        std::string(kDrivers) + "mount UUID={ext4.uuid} /newroot   timeout=1s\n" + kSwitchRoot;
    it.disks = {{"ext4", ""}};
    RescueSession person(it);
    person.type("retry", "/etc/prologue.conf:2:1: error: find UUID=*: timed out after 1 s");
    plug_in(person.vm);
    person.leave("retry");
    check_hand_over(person.vm.transcript());
}

TEST_CASE("rescue: once 'modules auto' is typed, what is plugged in gets its driver") {
    Boot it = failing_boot();
    it.config =
        "write /proc/sys/kernel/nothing 1\nmodules virtio_pci virtio_blk ext4\nmount /dev/vda "
        "/newroot\n" +
        std::string(kSwitchRoot);
    it.disks = {{"ext4", ""}};
    RescueSession person(it);
    person.type("modules auto", "modules auto*, * ms");
    plug_in(person.vm);
    // No line of the config waits for it, which would load the driver as well.
    constexpr std::chrono::milliseconds kPatience{500};
    bool is_there = false;
    for (int tries = 0; tries < 100 && !is_there; ++tries) {
        person.vm.send("blkid\r");
        is_there = person.vm.hears("\n/dev/vda: ", person.seen, kPatience);
    }
    CHECK(is_there);
}

TEST_CASE("rescue: skip goes on behind the line that failed") {
    Boot it = failing_boot();
    it.config = std::string(kDrivers) + "write /proc/sys/kernel/nothing 1   on-failure=rescue\n" +
                "mount UUID={ext4.uuid} /newroot\n" + kSwitchRoot;
    RescueSession person(it);
    person.leave("skip");
    check_hand_over(person.vm.transcript());
}

TEST_CASE("rescue: a break before each kind of place, and Ctrl-D goes on") {
    for (const char* place : {"mount", "mount:1", "disk", "3"}) {
        Boot it = boot_of_root();
        it.config = std::string(kDrivers) + "find UUID={ext4.uuid} -> disk\n" +
                    "mount disk /newroot\n" + kSwitchRoot;
        it.words = "prologue.break=" + std::string(place);
        RescueSession person(it);
        person.vm.transcript().has("*prologue: the rescue shell is open (prologue.break)");
        person.type("status", "   3  not run  * mount disk /newroot");
        person.leave("\x04");
        check_hand_over(person.vm.transcript());
    }
}

TEST_CASE("rescue: a shell line stops, and exit goes on behind it") {
    Boot it = boot_of_root();
    it.config = "shell\n" + it.config;
    RescueSession person(it);
    person.vm.transcript().has("prologue: the rescue shell is open (a 'shell' line)");
    person.leave("exit");
    check_hand_over(person.vm.transcript());
}

TEST_CASE("rescue: asked for by name and by word, before any line") {
    for (const char* words : {"rdinit=/rescue", "prologue.rescue"}) {
        Boot it = boot_of_root();
        it.words = words;
        RescueSession person(it);
        person.vm.transcript().has("prologue: the rescue shell is open (asked for)");
        person.vm.transcript().lacks("*prologue: modules*");
        person.leave("continue");
        check_hand_over(person.vm.transcript());
    }
}

TEST_CASE("rescue: a config with a mistake is mended from elsewhere, and retried") {
    Boot it = boot_of_root();
    it.words = "";
    const std::string good = work_folder() + "/good.conf";
    write_file(good, with_identifiers(it.config));
    it.image_options = {"--add", good + ":/good.conf"};
    it.unchecked_config = "moddules ext4\npoweroff\n";
    RescueSession person(it);
    person.vm.transcript().has("prologue: nothing of this config was run");
    person.type("continue", "error: there is no config to go on with; 'retry' reads it again");
    person.type("retry", "  hint: did you mean 'modules'?");
    person.type("cp /good.conf /etc/prologue.conf", "");
    person.leave("retry");
    check_hand_over(person.vm.transcript());
}

TEST_CASE("rescue: what is no text does no harm, and Ctrl-C ends a wait") {
    RescueSession person(failing_boot());
    person.vm.send(std::string("ec\0ho he\xff\xfere\x9b\r", 13));
    person.see("here");
    person.vm.send(std::string(100 * 1024, 'x') + "\r");
    person.see("*error: a line has at most 1000 characters; it was not run");
    person.prompt();
    person.vm.send("find LABEL=never -> x timeout=forever\r");
    person.see("*find LABEL=never -> x timeout=forever");
    person.vm.send("\x03");
    // Ended, or dropped where the key came with the line.
    person.prompt();
    person.type("echo still here", "still here");
    person.leave("poweroff");
}

TEST_CASE("rescue: reboot, and reboot at once") {
    {
        RescueSession person(failing_boot());
        person.leave("reboot", End::kReboot);
    }
    RescueSession person(failing_boot());
    person.leave("reboot -f", End::kReboot);
}

TEST_CASE("rescue: a shell that is killed opens again") {
    RescueSession person(failing_boot());
    person.type("kill -KILL 99999", "error: kill 99999: No such process (ESRCH)");
    person.vm.send("exec /init\r");  // not PID 1: it says so
    person.prompt();
    const long shell = person.number_of_shell();
    person.vm.send("kill -KILL " + std::to_string(shell) + "\r");
    person.prompt();
    person.type("echo here again", "here again");
    person.leave("poweroff");
}

TEST_CASE("rescue: a password is asked for, and is never shown") {
    Boot it = failing_boot();
    it.config.insert(0, kRescuePassword);
    Vm vm(machine_of(it));
    std::size_t seen = 0;
    if (!vm.wait_for_text("password: ", seen)) return;
    vm.send("wrong\r");
    if (!vm.wait_for_text("wrong password", seen) || !vm.wait_for_text("password: ", seen)) return;
    vm.send("secret\r");
    if (!vm.wait_for_text("[rescue] # ", seen)) return;
    vm.send("poweroff\r");
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().lacks("*secret*");
    vm.transcript().lacks("*: wrong\n*");
}

TEST_CASE("rescue: three wrong passwords reboot, also by a shell that is made to end") {
    Boot it = failing_boot();
    it.config.insert(0, kRescuePassword);
    Vm vm(machine_of(it));
    std::size_t seen = 0;
    for (int i = 0; i < 3; ++i) {
        if (!vm.wait_for_text("password: ", seen)) return;
        vm.send("guess\r");
    }
    vm.finish();
    check_end(vm, End::kReboot);
    vm.transcript().has("*prologue: the rescue shell is closed: three wrong passwords");
    vm.transcript().lacks("*[rescue]*");
}

// Who types it has the open shell already, which nobody who fails to give a passphrase may get.
TEST_CASE("rescue: a disk is opened by hand") {
    Boot it = boot_with(encrypted({"pbkdf2"}),
                        "write /proc/sys/kernel/nothing 1   on-failure=rescue\n"
                        "decrypt /dev/vda -> plain   on-failure=poweroff\n");
    it.words = "";
    RescueSession person(it);
    person.vm.send("decrypt /dev/vda -> opened\r");
    answer(person.vm, {"wrong", kPassphrase});
    person.good = person.good && person.see("decrypt /dev/vda (LUKS2*) -> opened, * ms");
    if (!person.prompt()) return;
    person.type("mount opened /newroot", "mount /dev/mapper/opened (ext4) on /newroot, * ms");
    person.leave("switch_root /newroot");
    const Transcript text = person.vm.transcript();
    text.has("guest: root fstype=ext4 source=/dev/mapper/opened *");
    text.lacks(std::string("*") + kPassphrase + "*");
}

TEST_CASE("rescue: a locked config opens no shell, whoever asks") {
    for (const char* words : {"rdinit=/rescue", "prologue.rescue", "prologue.break=mount",
                              "prologue.on-failure=rescue"}) {
        Boot it = failing_boot();
        it.config = "set rescue locked\nset on-failure reboot\n" + it.config;
        it.words = words;
        const Transcript text = boot(it, End::kReboot);
        text.lacks("*rescue shell is open*");
        text.lacks("*[rescue]*");
    }
}

// Two shells at one terminal would share out what is typed.
TEST_CASE("rescue: the shell of a service makes room, and is there again behind it") {
    Boot it;
    it.config = "service shell\nwrite /proc/sys/kernel/nothing 1\nsupervise\n";
    RescueSession person(it);
    person.type("echo mine alone", "mine alone");
    const std::size_t begin = person.seen;
    person.type("ps", "");
    const std::string_view list = std::string_view(person.vm.serial_log()).substr(begin);
    std::size_t processes = 0;
    for (std::size_t at = list.find(" /init"); at != std::string_view::npos;
         at = list.find(" /init", at + 1))
        ++processes;
    CHECK(processes == 3);  // PID 1, this shell, and the one that counts
    person.vm.send("skip\r");
    if (!person.see("[minroot] $ ")) return;
    person.vm.send("echo again\r");
    if (!person.see("\r\nagain\r\n") || !person.see("[minroot] $ ")) return;
    person.leave("poweroff");
}

// What reads a terminal that it names; one that has it by default only writes there, and stays.
TEST_CASE("rescue: a program at the terminal makes room, another one stays") {
    Boot it;
    it.config =
        "service tty=ttyS0 /bin/terminal\nservice /bin/pages\nwrite /proc/sys/kernel/nothing 1\n"
        "supervise\n";
    it.image_options = {"--add", trouble_program("terminal"), "--add", trouble_program("pages")};
    RescueSession person(it);
    const std::size_t begin = person.seen;
    person.type("ps", "");
    const std::string list = person.vm.serial_log().substr(begin, person.seen - begin);
    CHECK(list.find("/bin/terminal") == std::string::npos);
    CHECK(list.find("/bin/pages") != std::string::npos);
    person.vm.send("continue\r");
    std::size_t seen = person.seen;
    if (!person.vm.wait_for_text("terminal: leads=1 foreground=1 owns=1\r\n", seen)) return;
    person.vm.send("hello\n");
    if (!person.vm.wait_for("terminal: read 'hello'")) return;
    must(person.vm, kPressCtrlAltDel);
    person.vm.finish();
    check_end(person.vm, End::kReboot);
}

TEST_CASE("rescue: of two consoles the first that is typed at has the shell") {
    Boot it = failing_boot();
    it.config = "set prompt-consoles ttyS0 ttyS1\n" + it.config;
    const std::string second = work_folder() + "/second";
    it.qemu = {"-chardev", "file,id=second,path=" + second, "-serial", "chardev:second"};
    RescueSession person(it);
    person.type("echo mine", "mine");
    person.leave("poweroff");
    const Transcript other(read_file(second));
    other.has("[rescue] #*");
    other.has("prologue: the rescue shell is used on ttyS0");
}

}  // namespace prologue::qemu_tests
