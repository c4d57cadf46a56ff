// SPDX-License-Identifier: MIT
// What a person reads when a boot fails, to the letter, and that the policy then acts. The kernel's
// own records and times are left out of the blocks.
#include <doctest/doctest.h>

#include "tests/qemu/failure_case.h"

namespace prologue::qemu_tests {
TEST_CASE("failure: twins answer to one UUID") {
    check_failure(
        {.line = "mount UUID={ext4.uuid} /newroot",
         .disks = {{"ext4"}, {"ext4-twin"}},
         .block =
             R"(/etc/prologue.conf:3:1: error: find UUID={ext4.uuid}: /dev/vda and /dev/vdb answer to it
    3 | mount UUID={ext4.uuid} /newroot
      | ^~~~~
  seen: /dev/vda: ext4, UUID={ext4.uuid}, label '{ext4.label}'
  seen: /dev/vdb: ext4, UUID={ext4.uuid}, label '{ext4-twin.label}'
  hint: one is a copy of the other: unplug it, give it a new identity, or name the device by another form, such as PARTUUID=)"});
}

TEST_CASE("failure: a device that does not come") {
    const Transcript text = check_failure(
        {.line = "mount LABEL=nowhere /newroot   timeout=2s",
         .disks = {{"gpt-ext4"}, {"nonformatted"}},
         .block = R"(/etc/prologue.conf:3:1: error: find LABEL=nowhere: timed out after 2 s
    3 | mount LABEL=nowhere /newroot   timeout=2s
      | ^~~~~
  seen: /dev/vda: no filesystem found (it has partitions)
  seen: /dev/vda1: no filesystem found
  seen: /dev/vda2: ext4, UUID={gpt-ext4:2.uuid}, label '{gpt-ext4:2.label}'
  seen: /dev/vda3: ext4, UUID={gpt-ext4:3.uuid}, label '{gpt-ext4:3.label}'
  seen: /dev/vdb: no filesystem found
  hint: compare it with the devices above, or load the driver of the one that is missing)"});
    text.lacks("*switch_root /newroot*");
}

TEST_CASE("failure: no disk at all") {
    check_failure({.line = "find /dev/vda -> root   timeout=1s",
                   .disks = {},
                   .block = R"(/etc/prologue.conf:3:1: error: find /dev/vda: timed out after 1 s
    3 | find /dev/vda -> root   timeout=1s
      | ^~~~
  seen: no block devices at all
  hint: is a disk attached, and its driver on a 'modules' line? 'lspci -k' of a running system names the driver)",
                   .more = "mount root /newroot\nswitch_root /newroot\n"});
}

TEST_CASE("failure: contradicting superblocks") {
    check_failure(
        {.line = "mount UUID={ambivalent.uuid} /newroot   timeout=1s",
         .disks = {{"ambivalent"}},
         .block =
             R"(/etc/prologue.conf:3:1: error: find UUID={ambivalent.uuid}: /dev/vda has contradicting signatures: *
    3 | mount UUID={ambivalent.uuid} /newroot   timeout=1s
      | ^~~~~
  hint: erase what is not meant with 'wipefs', or name another device)"});
}

TEST_CASE("failure: a filesystem of another type") {
    check_failure(
        {.line = "mount /dev/vda /newroot   type=xfs",
         .block =
             R"(/etc/prologue.conf:3:1: error: mount /dev/vda on /newroot: Invalid argument (EINVAL)*
    3 | mount /dev/vda /newroot   type=xfs
      | ^~~~~
  hint: 'ext4' is on it, not 'xfs': mend type= (or rootfstype=), or leave it out)"});
}

TEST_CASE("failure: a disk without a filesystem") {
    check_failure(
        {.line = "mount /dev/vda /newroot",
         .disks = {{"nonformatted"}},
         .block = R"(/etc/prologue.conf:3:1: error: mount /dev/vda: no filesystem was found on it
    3 | mount /dev/vda /newroot
      | ^~~~~
  hint: format it, name another device, or say type=)"});
}

TEST_CASE("failure: a module that is not in the image") {
    Boot it;
    it.config = std::string(kDrivers) + "poweroff\n";
    it.unchecked_config =
        std::string(kPowerOffOnFailure) + "modules virtio_pci no_such_module\npoweroff\n";
    const Transcript text = boot(it);
    text.has_block(
        R"(/etc/prologue.conf:2:1: error: load module no_such_module: the image has no such module for kernel *
    2 | modules virtio_pci no_such_module
      | ^~~~~~~
  hint: check the name, or add the module when the image is built)");
    text.has(kPoweringOff);
}

TEST_CASE("failure: a filesystem whose driver is not in the image") {
    const Transcript text = check_failure(
        {.line = "mount /dev/vda /newroot",
         .disks = {{"xfs"}},
         .block = R"(/etc/prologue.conf:3:1: error: mount /dev/vda on /newroot: *(ENODEV)*
    3 | mount /dev/vda /newroot
      | ^~~~~
  hint: 'xfs' is not in /proc/filesystems; add its module to a 'modules' line)"});
}

TEST_CASE("failure: exec of programs that crash, fail and hang") {
    Boot it;
    it.config =
        "set on-failure poweroff\n"
        "exec on-failure=continue /bin/segv\n"
        "exec on-failure=continue /bin/abort\n"
        "exec on-failure=continue env=EXIT=3 /bin/hello one \"two words\" three=3\n"
        "exec retries=1 on-failure=continue env=EXIT=4 /bin/hello\n"
        "exec timeout=1s /bin/spin\n"
        "poweroff\n";
    for (const char* name : {"segv", "abort", "hello", "spin"})
        it.image_options.insert(it.image_options.end(), {"--add", guest_program(name)});
    const Transcript text = boot(it);
    text.has("prologue: exec /bin/segv: killed by signal 11*; going on (on-failure=continue)");
    text.has("prologue: exec /bin/abort: killed by signal *; going on (on-failure=continue)");
    text.has("prologue: exec /bin/hello: exit status 3; going on (on-failure=continue)");
    text.has("hello: argv[0]=/bin/hello");
    text.has("hello: argv[2]=two words");
    text.has("hello: argv[3]=three=3");
    text.has("prologue: exec /bin/hello: exit status 4; trying again, 1 left");
    text.has("prologue: exec /bin/hello: exit status 4; going on (on-failure=continue)");
    text.has_block(R"(/etc/prologue.conf:6:1: error: exec: was still at work after 1 s and was ended
    6 | exec timeout=1s /bin/spin
      | ^~~~)");
    text.has(kPoweringOff);
}

TEST_CASE("failure: a value that is not set") {
    check_failure(
        {.line = "mount ${cmdline.nothing} /newroot",
         .block =
             R"(/etc/prologue.conf:3:1: error: expand ${cmdline.nothing}: the value is not set
    3 | mount ${cmdline.nothing} /newroot
      | ^~~~~
  seen: /dev/vda: ext4, UUID={ext4.uuid}, label '{ext4.label}'
  hint: add 'nothing=...' to the kernel command line, or write '${cmdline.nothing:-default}')"});
}

}  // namespace prologue::qemu_tests
