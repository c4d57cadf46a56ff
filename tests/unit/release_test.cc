// SPDX-License-Identifier: MIT
#include "init/release.h"

#include "tests/trace/scenario.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

// What was done, without how the mounts were looked up.
std::string release(fake::Machine& machine, std::vector<Error>& errors) {
    const std::size_t before = machine.sys.trace().size();
    errors = release_filesystems(machine.sys);
    std::string text;
    for (std::size_t i = before; i < machine.sys.trace().size(); ++i)
        text += machine.sys.trace()[i] + "\n";
    return text;
}

void mount(fake::Machine& machine, const std::string& type, const std::string& target) {
    machine.sys.root().add_dir(target);
    auto filesystem = machine.sys.make_filesystem("tmpfs");
    filesystem->type = type;
    machine.sys.attach({target, filesystem, "/", "/dev/vda", "rw"});
}

struct RealRoot : fake::Machine {
    RealRoot() {
        fill_machine(*this);
        sys.root().type = "ext2";
        sys.root().add_dir("/proc");
        (void)sys.mount({"proc", "/proc", "proc", 0, {}});
    }
};

}  // namespace

TEST_CASE("release: what a disk is behind is unmounted from the end, and the root made read-only") {
    RealRoot machine;
    mount(machine, "ext4", "/home");
    mount(machine, "tmpfs", "/run");
    mount(machine, "btrfs", "/srv");
    mount(machine, "overlay", "/over");
    std::vector<Error> errors;
    CHECK(release(machine, errors) ==
          "umount /over\n"
          "umount /srv\n"
          "umount /home\n"
          "mount none / ro,remount\n");
    CHECK(errors.empty());
    CHECK(machine.sys.mounted_at("/")->options == "ro");
    CHECK(machine.sys.mounted_at("/run") != nullptr);
}

TEST_CASE("release: what is in use is made read-only, and what cannot be is told") {
    RealRoot machine;
    mount(machine, "ext4", "/home");
    machine.sys.set_fault({0, "umount", 1, EBUSY});
    std::vector<Error> errors;
    CHECK(release(machine, errors) ==
          "umount /home = EBUSY\n"
          "mount none /home ro,remount\n"
          "mount none / ro,remount\n");
    CHECK(errors.empty());
    RealRoot second;
    second.sys.set_fault({0, "mount", 2, EBUSY});  // the first one was that of /proc
    CHECK(release(second, errors) == "mount none / ro,remount = EBUSY\n");
    CHECK(errors.size() == 1);
}

TEST_CASE("release: an initramfs has nothing to release") {
    fake::Machine machine;
    fake::fill_machine(machine);
    machine.sys.root().add_dir("/proc");
    (void)machine.sys.mount({"proc", "/proc", "proc", 0, {}});
    std::vector<Error> errors;
    CHECK(release(machine, errors).empty());
    CHECK(errors.empty());
}

}  // namespace prologue::tests
