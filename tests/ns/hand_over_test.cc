// SPDX-License-Identifier: MIT
// The hand-over on a real kernel, from one tmpfs to another.
#include "init/hand_over.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

void make_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    (void)close(fd);
}

std::size_t empty(const char* path) {
    const Fd fd(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT(fd.valid());
    return empty_filesystem(fd.get());
}

void empties_every_kind_of_file() {
    make_dir("/keep");
    make_file("/keep/file");
    make_dir("/old");
    mount_tmpfs("/old");
    make_file("/old/file", "text", 0);
    make_dir("/old/dir");
    make_dir("/old/dir/deep");
    make_file("/old/dir/deep/file");
    EXPECT(mkfifo("/old/fifo", 0600) == 0);
    EXPECT(mknod("/old/device", S_IFCHR | 0600, 0) == 0);  // 0:0 is what a user namespace may make
    make_socket("/old/socket");
    EXPECT(symlink("/keep", "/old/link") == 0);
    EXPECT(symlink("nowhere", "/old/dangling") == 0);
    EXPECT(link("/old/file", "/old/dir/second-name") == 0);
    make_file("/old/ na\nme\xff");
    EXPECT(empty("/old") == 0);
    EXPECT(LinuxSys().list_dir("/old")->empty());
    EXPECT(exists("/old"));
    EXPECT(exists("/keep/file"));
}

void never_crosses_into_another_filesystem() {
    make_dir("/old");
    mount_tmpfs("/old");
    make_dir("/old/mount");
    mount_tmpfs("/old/mount");
    make_file("/old/mount/kept");
    make_dir("/old/a");
    make_dir("/old/a/mount");
    mount_tmpfs("/old/a/mount");
    make_file("/old/a/mount/kept");
    make_file("/old/a/gone");
    (void)empty("/old");
    EXPECT(exists("/old/mount/kept"));
    EXPECT(exists("/old/a/mount/kept"));
    EXPECT(!exists("/old/a/gone"));
}

void make_new_root() {
    make_dir("/newroot");
    mount_tmpfs("/newroot");
    for (const char* directory : {"/newroot/dev", "/newroot/proc", "/newroot/sbin"})
        make_dir(directory);
    make_file("/newroot/of-new-root");
    make_dir("/data");
    mount_tmpfs("/data");
    make_file("/data/file");
    (void)umount2("/dev/null", 0);
    mount_tmpfs("/dev");
    make_dir("/dev/pts");
    mount_tmpfs("/dev/pts");
    make_file("/dev/of-dev");
    make_file("/dev/pts/of-pts");
    make_file("/of-old-root");
}

void moves_trees_and_leaves_the_rest() {
    make_new_root();
    ForwardingSys sys;
    SilentLog log;
    const auto moved = move_mounts(*read_mounts(sys), "/newroot", sys, log);
    EXPECT(moved.has_value());
    EXPECT(exists("/newroot/dev/of-dev"));
    EXPECT(exists("/newroot/dev/pts/of-pts"));
    EXPECT(exists("/newroot/proc/self"));
    EXPECT(!exists("/dev/of-dev"));
    EXPECT(!exists("/data/file"));
    EXPECT(log.warnings.find("/data") != std::string::npos);
}

void undoes_what_it_moved() {
    make_new_root();
    ForwardingSys sys;
    sys.failing_move = 2;
    SilentLog log;
    EXPECT(!move_mounts(*read_mounts(sys), "/newroot", sys, log).has_value());
    EXPECT(exists("/dev/pts/of-pts"));
    EXPECT(exists("/proc/self"));
    EXPECT(exists("/data/file"));
    EXPECT(!exists("/newroot/dev/of-dev"));
}

void does_not_move_through_symlinks() {
    make_new_root();
    EXPECT(rmdir("/newroot/dev") == 0);
    make_dir("/elsewhere");
    EXPECT(symlink("/elsewhere", "/newroot/dev") == 0);
    ForwardingSys sys;
    SilentLog log;
    EXPECT(move_mounts(*read_mounts(sys), "/newroot", sys, log).has_value());
    EXPECT(!exists("/elsewhere/of-dev"));
    EXPECT(!exists("/newroot/dev/of-dev"));
}

Error hand_over_here(PidOne& one) {
    char name[] = "/init";
    char* const argv[] = {name, nullptr};
    char* const envp[] = {nullptr};
    one.sys.shows_rootfs = true;
    HandOver order;
    order.new_root = "/newroot";
    order.init_path = "/sbin/init";
    order.argv = argv;
    order.envp = envp;
    return hand_over(order, one.sys, one.supervisor, one.log);
}

// Not even when a child has said that all is well.
void leaves_a_real_root_alone() {
    make_new_root();
    make_file("/precious");
    PidOne one;
    HandOver order;
    order.new_root = "/newroot";
    order.init_path = "/sbin/init";
    const Error error = hand_over(order, one.sys, one.supervisor, one.log);
    EXPECT(error->kind == ErrorKind::kRefused && error->detail == "'/' is not an initramfs");
    EXPECT(exists("/precious") && exists("/dev/pts/of-pts") && exists("/payload"));
}

void install_payload() {
    make_new_root();
    EXPECT(link("/payload", "/newroot/sbin/init") != 0);  // two filesystems
    const auto program = LinuxSys().read_file("/payload", 1 << 20);
    if (program) make_file("/newroot/sbin/init", *program);
}

void hands_over_by_pivot() {
    install_payload();
    PidOne one;
    const Error error = hand_over_here(one);
    speak(describe(error));  // not reached: the payload speaks now
}

void hands_over_by_move() {
    install_payload();
    PidOne one;
    one.sys.can_pivot = false;
    const Error error = hand_over_here(one);
    speak(describe(error));
}

void lives_on_when_the_last_move_fails() {
    install_payload();
    PidOne one;
    one.sys.can_pivot = false;
    one.sys.failing_move = 3;  // /dev, /proc, then the root itself
    const Error error = hand_over_here(one);
    EXPECT(error->errnum == EINVAL);
    EXPECT(exists("/of-old-root"));
    EXPECT(exists("/dev/pts/of-pts"));
    EXPECT(exists("/proc/self"));
}

void check_payload_ran(void (*body)()) {
    const SandboxEnd end = run_in_sandbox(body);
    if (!end.available) {
        MESSAGE("SKIPPED, no namespaces here: " << end.text);
        return;
    }
    CHECK(end.text == "/sbin/init is PID 1\n/of-new-root yes\n/dev/of-dev yes\n/of-old-root no\n");
    CHECK(end.status == 0);
}

}  // namespace

TEST_CASE("hand_over: a real root is left alone, whatever a child says") {
    CHECK_IN_SANDBOX(leaves_a_real_root_alone);
}
TEST_CASE("hand_over: every kind of file goes, what a symlink points to stays") {
    CHECK_IN_SANDBOX(empties_every_kind_of_file);
}
TEST_CASE("hand_over: another filesystem is never emptied") {
    CHECK_IN_SANDBOX(never_crosses_into_another_filesystem);
}
TEST_CASE("hand_over: mounts move as trees, one without a directory is detached") {
    CHECK_IN_SANDBOX(moves_trees_and_leaves_the_rest);
}
TEST_CASE("hand_over: a move that fails is undone") {
    CHECK_IN_SANDBOX(undoes_what_it_moved);
}
TEST_CASE("hand_over: a symlink in the new root takes no mount") {
    CHECK_IN_SANDBOX(does_not_move_through_symlinks);
}
TEST_CASE("hand_over: the real init runs as PID 1 of the new root, by pivot_root") {
    check_payload_ran(hands_over_by_pivot);
}
TEST_CASE("hand_over: the real init runs as PID 1 of the new root, by MS_MOVE and chroot") {
    check_payload_ran(hands_over_by_move);
}
TEST_CASE("hand_over: the initramfs lives on when the new root cannot be moved") {
    CHECK_IN_SANDBOX(lives_on_when_the_last_move_fails);
}

}  // namespace prologue::ns
