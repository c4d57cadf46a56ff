// SPDX-License-Identifier: MIT
// The init of a real root: an ext2 root of 'prologue minroot' on an NVMe disk, which the stock kernel
// mounts by itself, without any initramfs.
#include <cstdlib>

#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/failure_case.h"
#include "tests/qemu/files.h"
#include "tests/qemu/person.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kRootWords[] = "root=/dev/nvme0n1 prologue.on-failure=poweroff";

struct Root {
    std::string config;                 // of /etc/prologue.conf
    std::vector<std::string> programs;  // of tests/guest/trouble.c
    std::vector<std::string> options = {};
    std::string size = "4MiB";
};

// The path of the root; the test case has failed when the tool refuses.
std::string build_root(const Root& root) {
    const std::string path = work_folder() + "/root.img";
    write_file(path + ".conf", root.config);
    std::vector<std::string> words = {"minroot", path + ".conf", "-o", path, "--size", root.size};
    for (const std::string& program : root.programs)
        words.insert(words.end(), {"--add", trouble_program(program)});
    words.insert(words.end(), root.options.begin(), root.options.end());
    const ProgramEnd end = run_tool(words);
    if (end.status != 0) FAIL_CHECK("prologue minroot: ", end.output);
    return path;
}

Machine machine_of_root(const std::string& path, const std::string& words = kRootWords) {
    Machine machine;
    machine.words = words;
    machine.disks = {{.name = "", .device = "nvme,serial=1,id=root", .file = path, .drive = ""}};
    machine.disks.front().drive = "cache=writeback";
    return machine;
}

void check_clean(const std::string& path, Where where = Where::current()) {
    const ProgramEnd end = run_program({"/usr/sbin/e2fsck", "-fn", path});
    if (end.status != 0) fail_at(where, end.output);
}

// The kernel's own panic words, and the end that is wanted.
void finish_well(Vm& vm, End end, Where where = Where::current()) {
    vm.finish();
    check_end(vm, end, where);
}

// Boots, waits until the writer is at work, and stops the machine under it.
void stop_under_a_writer(int rounds) {
    const std::string path = build_root({.config = "mount / options=remount,rw\n"
                                                   "service /bin/writer\nsupervise\n",
                                         .programs = {"writer"}});
    for (int round = 0; round < rounds; ++round) {
        Vm vm(machine_of_root(path));
        if (!vm.wait_for("writer: at work")) return;
        must(vm, kPressCtrlAltDel);
        finish_well(vm, End::kReboot);
        vm.transcript().has("prologue: rebooting (Ctrl-Alt-Del)");
        vm.transcript().lacks("*not left clean*");
        check_clean(path);
    }
}

}  // namespace

TEST_CASE("fallback: the kernel mounts the root, and its config runs") {
    const std::string path =
        build_root({.config = "mount / options=remount,rw\nexec /bin/end-0\nservice /bin/pages\n"
                              "service respawn=no /bin/orphans\nsupervise\n",
                    .programs = {"end-0", "pages", "orphans"}});
    Vm vm(machine_of_root(path));
    if (!vm.wait_for("pages: * kB") || !vm.wait_for("orphans: 0 left")) return;
    must(vm, kPressCtrlAltDel);
    finish_well(vm, End::kReboot);
    const Transcript text = vm.transcript();
    text.has("prologue: mount / remount,rw, * ms");
    text.has("prologue: supervise 2 services, * ms");
    text.lacks("pages: 0 kB");
    check_clean(path);
}

// tests/bench/stops asks for a hundred.
TEST_CASE("fallback: a root is left clean with a writer at work") {
    const char* rounds = std::getenv("PROLOGUE_STOP_ROUNDS");
    stop_under_a_writer(rounds != nullptr ? std::atoi(rounds) : 3);
}

TEST_CASE("fallback: a root is left clean with a writer at work, again") {
    stop_under_a_writer(2);
}

// Twelve seconds of writing, all of which the machine still has in memory when it is told to stop.
TEST_CASE("fallback: what a slow disk has yet to take is waited for") {
    const std::string path =
        build_root({.config = "mount / options=remount,rw\nservice /bin/filler\nsupervise\n",
                    .programs = {"filler"},
                    .size = "16MiB"});
    Machine machine = machine_of_root(path);
    machine.disks.front().drive += ",throttling.bps-write=1048576";
    Vm vm(machine);
    if (!vm.wait_for("filler: written")) return;
    must(vm, kPressCtrlAltDel);
    finish_well(vm, End::kReboot);
    vm.transcript().lacks("*left as they are*");
    check_clean(path);
    const std::string copy = work_folder() + "/filled";
    (void)run_program({"/usr/sbin/debugfs", "-R", "dump /filled " + copy, path});
    CHECK(read_file(copy) == std::string(std::size_t{12} * 1024 * 1024, 'f'));
}

// Nobody checks a config that the command line names.
TEST_CASE("fallback: switch_root is refused on a real root, and nothing is removed") {
    const std::string other = work_folder() + "/other.conf";
    write_file(other, "mount / options=remount,rw\nmount tmpfs /mnt\nswitch_root /mnt\n");
    const std::string path = build_root({.config = "supervise\n",
                                         .programs = {"end-0"},
                                         .options = {"--add", other + ":/etc/other.conf"}});
    Vm vm(machine_of_root(path, kRootWords + std::string(" prologue.config=/etc/other.conf")));
    finish_well(vm, End::kPowerOff);
    vm.transcript().has_block(
        R"(/etc/other.conf:3:1: error: switch_root /mnt: '/' is not an initramfs
    3 | switch_root /mnt
      | ^~~~~~~~~~~
  hint: on a real root there is nothing to switch away from
prologue: powering off in 0 ms (on-failure=poweroff))");
    check_clean(path);
    const ProgramEnd files = run_program({"/usr/sbin/debugfs", "-R", "ls /bin", path});
    CHECK(files.output.find("end-0") != std::string::npos);
}

// Neither by a config that is not there nor by one that says nothing of a guard.
TEST_CASE("fallback: no word of the command line puts a locked config aside") {
    const std::string other = work_folder() + "/other.conf";
    write_file(other, "shell\npoweroff\n");
    const std::string path = build_root({.config = "set rescue locked\nset on-failure poweroff\n"
                                                   "write /proc/sys/kernel/nothing 1\nsupervise\n",
                                         .programs = {"end-0"},
                                         .options = {"--add", other + ":/etc/other.conf"}});
    for (const char* named : {"/nowhere", "/etc/other.conf"}) {
        Vm vm(machine_of_root(
            path, std::string("root=/dev/nvme0n1 prologue.rescue prologue.config=") + named));
        finish_well(vm, End::kPowerOff);
        const Transcript text = vm.transcript();
        text.has(std::string("*prologue: prologue.config=") + named +
                 " is not obeyed: /etc/prologue.conf guards its shell, by 'set rescue'");
        text.has("/etc/prologue.conf:3:1: error: *");
        text.lacks("*[rescue]*");
    }
}

TEST_CASE("fallback: it is handed over to by an initramfs") {
    const std::string path =
        build_root({.config = "service /bin/ask-usr2\nsupervise\n", .programs = {"ask-usr2"}});
    Boot it;
    it.config =
        "modules virtio_pci virtio_blk ext4\nmount /dev/vda /newroot\n" + std::string(kSwitchRoot);
    it.words = "prologue.on-failure=poweroff";
    it.disks = {{.name = "", .file = path, .drive = "cache=writeback"}};
    const Transcript text = boot(it);
    text.has("prologue: switch_root /dev/vda (ext*) -> /sbin/init, * ms");
    // It asks at once, maybe before the next line.
    text.has_order("prologue: switch_root *", "prologue: service /bin/ask-usr2 on console, * ms");
    text.has("prologue: powering off (SIGUSR2)");
    check_clean(path);
}

// Its path leads into the new root when it is tried, and into what is moved there when it is executed.
TEST_CASE("fallback: PID 1 is itself again when the init of the new root is gone in the end") {
    const std::string path =
        build_root({.config = "supervise\n",
                    .programs = {},
                    .options = {"--add", settings().build + "/prologue-init:/run/init"}});
    Boot it;
    it.config =
        "modules virtio_pci virtio_blk ext4\nmount /dev/vda /newroot\n" + std::string(kSwitchRoot);
    it.words = "init=/run/init";
    it.disks = {{.name = "", .file = path, .drive = "cache=writeback"}};
    Vm vm(machine_of(it));
    std::size_t from = 0;
    if (!vm.wait_for_text("[rescue] # ", from)) return;
    vm.send("exec /sbin/init\r");  // which says how it is used
    if (!vm.wait_for_text("[rescue] # ", from)) return;
    must(vm, kPressCtrlAltDel);
    finish_well(vm, End::kReboot);
    const Transcript text = vm.transcript();
    text.has("*error: exec /run/init: No such file or directory (ENOENT)");
    text.has("*prologue: rebooting (Ctrl-Alt-Del)");
    check_clean(path);
}

// The root of the article about the smallest root: a program, nothing else, and no config.
TEST_CASE("fallback: a root with nothing but the init in it has a shell") {
    const std::string folder = work_folder() + "/tree";
    make_folder(folder);
    make_folder(folder + "/sbin");
    write_file(folder + "/sbin/init", read_file(settings().build + "/prologue-init"), 0755);
    const std::string path = work_folder() + "/smallest.img";
    const ProgramEnd made =
        run_program({"/usr/sbin/mke2fs", "-q", "-t", "ext2", "-m", "0", "-d", folder, path, "1M"});
    CHECK_MESSAGE(made.status == 0, made.output);
    (void)run_program({"/usr/sbin/debugfs", "-w", "-R", "rmdir lost+found", path});
    Vm vm(machine_of_root(path));
    std::size_t from = 0;
    if (!vm.wait_for_text("[minroot] $ ", from)) return;
    vm.send("ls /disk/sbin\r");
    if (!vm.wait_for_text("init\r\n", from) || !vm.wait_for_text("[minroot] $ ", from)) return;
    vm.send("mount -o remount,rw /disk\r");
    if (!vm.wait_for_text("[minroot] $ ", from)) return;
    vm.send("exit\r");
    if (!vm.wait_for_text("[minroot] $ ", from)) return;
    vm.send("poweroff\r");
    finish_well(vm, End::kPowerOff);
    vm.transcript().has("prologue: the root has no room for /dev: it is at /disk");
    vm.transcript().has("prologue: powering off");
    check_clean(path);
}

TEST_CASE("fallback: a root disk that is gone does not keep the machine from stopping") {
    const std::string path =
        build_root({.config = "mount / options=remount,rw\nservice /bin/terminal\nsupervise\n",
                    .programs = {"terminal"}});
    Vm vm(machine_of_root(path));
    if (!vm.wait_for("terminal: leads=1 *")) return;
    must(vm, R"({"execute": "device_del", "arguments": {"id": "root"}})");
    if (!vm.wait_for_event("DEVICE_DELETED")) return;
    vm.send("end\n");
    must(vm, kPressCtrlAltDel);
    vm.finish();
    vm.transcript().has("prologue: rebooting (Ctrl-Alt-Del)");
    vm.transcript().lacks("*Kernel panic*");
    vm.transcript().lacks("*internal fault in PID 1*");
    CHECK(vm.reason() == "guest-reset");
}

}  // namespace prologue::qemu_tests
