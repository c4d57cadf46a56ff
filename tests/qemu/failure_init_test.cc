// SPDX-License-Identifier: MIT
// Real inits that cannot run, each for a reason of its own: all are found out before anything moves.
#include <doctest/doctest.h>

#include "tests/qemu/failure_case.h"

namespace prologue::qemu_tests {
namespace {

// /sbin/NAME of the disk ext4-inits, behind init=; the block is all the same but for these.
void check_broken_init(const std::string& name, const std::string& why, const std::string& hint,
                       Where where = Where::current()) {
    const std::string path = "/sbin/" + name;
    check_init_failure("ext4-inits", "init=" + path,
                       "/etc/prologue.conf:4:1: error: switch_root " + path +
                           " in /newroot: " + why +
                           "\n    4 | switch_root /newroot\n      | ^~~~~~~~~~~\n  hint: " + hint,
                       where);
}

constexpr char kMissing[] =
    "the file, the target of its symlink or its interpreter is missing there; init= names another";
constexpr char kForeign[] = "it is no program for this machine's architecture; init= names another";

}  // namespace

TEST_CASE("init: the root has no init") {
    check_init_failure(
        "ext4-noinit", "",
        R"(/etc/prologue.conf:4:1: error: switch_root /newroot: the new root has no init that runs
    4 | switch_root /newroot
      | ^~~~~~~~~~~
  seen: /sbin/init: No such file or directory (ENOENT)
  seen: /etc/init: No such file or directory (ENOENT)
  seen: /bin/init: No such file or directory (ENOENT)
  seen: /bin/sh: No such file or directory (ENOENT)
  hint: say init= on the kernel command line or on this line)");
}

TEST_CASE("init: init= names nothing") {
    check_init_failure(
        "ext4", "init=/foo/bar",
        R"(/etc/prologue.conf:4:1: error: switch_root /foo/bar in /newroot: No such file or directory (ENOENT)
    4 | switch_root /newroot
      | ^~~~~~~~~~~
  hint: the file, the target of its symlink or its interpreter is missing there; init= names another)");
}

TEST_CASE("init: init= names a directory") {
    check_init_failure(
        "ext4", "init=/etc",
        R"(/etc/prologue.conf:4:1: error: switch_root /etc in /newroot: Is a directory (EISDIR)
    4 | switch_root /newroot
      | ^~~~~~~~~~~
  hint: init= must name a program)");
}

TEST_CASE("init: init= names a file that is not executable") {
    check_init_failure("ext4", "init=/etc/marker",
                       R"(/etc/prologue.conf:4:1: error: switch_root /etc/marker in /newroot: * (E*)
    4 | switch_root /newroot
      | ^~~~~~~~~~~
  hint: *)");
}

TEST_CASE("init: a program of another architecture") {
    check_broken_init("other-machine", "Exec format error (ENOEXEC)", kForeign);
}

TEST_CASE("init: a text file") {
    check_broken_init("text", "Exec format error (ENOEXEC)", kForeign);
}

TEST_CASE("init: an empty file") {
    check_broken_init("empty", "Exec format error (ENOEXEC)", kForeign);
}

TEST_CASE("init: a truncated program") {
    check_broken_init("truncated",
                      "Exec format error (ENOEXEC): it dies at its first instruction: truncated or "
                      "damaged",
                      kForeign);
}

TEST_CASE("init: a script whose interpreter is missing") {
    check_broken_init("no-interpreter", "No such file or directory (ENOENT)", kMissing);
}

TEST_CASE("init: a link that leads nowhere") {
    check_broken_init("dangling", "No such file or directory (ENOENT)", kMissing);
}

TEST_CASE("init: a link to itself") {
    check_init_failure(
        "ext4-inits", "init=/sbin/circle",
        R"(/etc/prologue.conf:4:1: error: switch_root /sbin/circle in /newroot: Symbolic link loop (ELOOP)
    4 | switch_root /newroot
      | ^~~~~~~~~~~
  hint: its symlinks lead in a circle; init= names another)");
}

TEST_CASE("init: a program without the right to be executed") {
    check_broken_init("not-executable", "Permission denied (EACCES)",
                      "it is not executable, or the root is mounted noexec");
}

TEST_CASE("init: a root that is mounted noexec") {
    check_failure(
        {.line = "mount UUID={ext4.uuid} /newroot   options=noexec",
         .block =
             R"(/etc/prologue.conf:4:1: error: switch_root /sbin/init in /newroot: Permission denied (EACCES)
    4 | switch_root /newroot   init=/sbin/init
      | ^~~~~~~~~~~
  hint: it is not executable, or the root is mounted noexec)",
         .more = "switch_root /newroot   init=/sbin/init\n",
         .bound = 60});
}

}  // namespace prologue::qemu_tests
