// SPDX-License-Identifier: MIT
// Where the config comes from, what happens when it is wrong, and what a policy does then.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

constexpr char kHello[] = "exec /bin/hello";

// An image with the guest program as /bin/hello, whose exec shows which config was run.
std::vector<std::string> with_hello() {
    return {"--add", guest_program("hello")};
}

}  // namespace

TEST_CASE("config: all mistakes are shown and nothing is run") {
    Boot it;
    it.config = "poweroff\n";
    it.image_options = with_hello();
    it.unchecked_config =
        "exec /bin/hello\nmoutn UUID=1234-ABCD /newroot\n"
        "switch_root /newroot   int=/bin/sh\n";
    it.words = "prologue.on-failure=reboot";
    const Transcript text = boot(it, End::kReboot);
    text.has_block(R"(/etc/prologue.conf:2:1: error: unknown stage 'moutn'
    2 | moutn UUID=1234-ABCD /newroot
      | ^~~~~
  hint: did you mean 'mount'?
/etc/prologue.conf:3:*: error: 'switch_root' has no option 'int'
    3 | switch_root /newroot   int=/bin/sh
      |                        ^~~
  hint: did you mean 'init'?)");
    text.has("prologue: nothing of this config was run");
    text.has("prologue: rebooting in 0 ms (on-failure=reboot)");
    text.lacks("hello from exec");
}

TEST_CASE("config: without one the built-in one runs") {
    Boot it;
    // The machine could hand one over, and does not.
    it.image_options = {"--for", "qemu"};
    it.words = "prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    text.has_block(
        "(default):5:1: error: expand ${cmdline.root}: the value is not set\n"
        "    5 | find        ${cmdline.root} -> root\n"
        "      | ^~~~\n"
        "  seen: no block devices at all\n"
        "  hint: add 'root=...' to the kernel command line, or write '${cmdline.root:-default}'");
}

TEST_CASE("config: prologue.config= names another file of the image") {
    Boot it;
    it.config = "poweroff\n";
    it.image_options = with_hello();
    const std::string other = work_folder() + "/other.conf";
    write_file(other, std::string(kHello) + " from-other\nreboot\n");
    it.image_options.insert(it.image_options.end(), {"--add", other + ":/etc/other.conf"});
    it.words = "prologue.config=/etc/other.conf";
    const Transcript text = boot(it, End::kReboot);
    text.has("hello: argv[1]=from-other");
}

TEST_CASE("config: the machine hands one over by fw_cfg") {
    Boot it;
    // The image's own config names the driver, which brings it into the image.
    it.config = "modules qemu_fw_cfg\nreboot\n";
    it.image_options = with_hello();
    const std::string other = work_folder() + "/outside.conf";
    write_file(other, std::string(kHello) + " from-outside\npoweroff\n");
    it.qemu = {"-fw_cfg", "name=opt/prologue/config,file=" + other};
    const Transcript text = boot(it);
    text.has("hello: argv[1]=from-outside");
}

TEST_CASE("config: a wrong one from fw_cfg is named by its place") {
    Boot it;
    it.config = "modules qemu_fw_cfg\nreboot\n";
    const std::string other = work_folder() + "/outside.conf";
    write_file(other, "set on-failure poweroff\npowerof\n");
    it.qemu = {"-fw_cfg", "name=opt/prologue/config,file=" + other};
    const Transcript text = boot(it);
    text.has_block(
        "fw_cfg:opt/prologue/config:2:1: error: unknown stage 'powerof'\n"
        "    2 | powerof\n"
        "      | ^~~~~~~\n"
        "  hint: did you mean 'poweroff'?");
}

TEST_CASE("config: a second archive replaces the first one's") {
    Boot it;
    it.config = std::string(kHello) + " from-first\nreboot\n";
    it.image_options = with_hello();
    it.unchecked_config = std::string(kHello) + " from-second\npoweroff\n";
    const Transcript text = boot(it);
    text.has("hello: argv[1]=from-second");
    text.lacks("*from-first*");
}

TEST_CASE("config: when= and ${} read the command line") {
    Boot it;
    it.config =
        "exec when=cmdline:debug /bin/hello with-debug\n"
        "exec when=!cmdline:debug /bin/hello without-debug\n"
        "exec when=cmdline:mode=fast /bin/hello mode-fast\n"
        "exec when=cmdline:mode=slow /bin/hello mode-slow\n"
        "exec when=exists:/bin/hello /bin/hello is-there\n"
        "exec when=exists:/bin/nothing /bin/hello is-not-there\n"
        "exec when=board:qemu /bin/hello on-qemu\n"
        "exec /bin/hello ${cmdline.quoted} ${cmdline.none:-default} $${literal}\n"
        "poweroff\n";
    it.image_options = with_hello();
    it.words = "debug mode=fast quoted=\"two words\"";
    const Transcript text = boot(it);
    for (const char* said : {"with-debug", "mode-fast", "is-there", "on-qemu", "two words"})
        text.has("hello: argv[1]=" + std::string(said));
    for (const char* silent : {"without-debug", "mode-slow", "is-not-there"})
        text.lacks("hello: argv[1]=" + std::string(silent));
    text.has("hello: argv[2]=default");
    text.has("hello: argv[3]=${literal}");
    text.has("prologue: exec skipped: /bin/nothing does not exist");
}

TEST_CASE("policy: a shell that nobody uses reboots") {
    Boot it;
    it.config = "set rescue-timeout 1s\nwrite /proc/sys/kernel/nothing 1\npoweroff\n";
    const Transcript text = boot(it, End::kReboot);
    text.has_block(
        "/etc/prologue.conf:2:1: error: open /proc/sys/kernel/nothing: No such file or directory "
        "(ENOENT)\n"
        "    2 | write /proc/sys/kernel/nothing 1\n"
        "      | ^~~~~\n"
        "  hint: the driver that makes this file may not be loaded");
    text.has(
        "prologue: the rescue shell is open (on-failure=rescue); rebooting unless it is used "
        "within 1 s");
    text.has("*prologue: the rescue shell is closed: nobody uses it");
}

TEST_CASE("policy: panic= replaces failure-delay and the command line beats the file") {
    Boot it;
    it.config =
        "set failure-delay 5min\nset on-failure reboot\n"
        "write /proc/sys/kernel/nothing 1\npoweroff\n";
    it.words = "panic=1 prologue.on-failure=poweroff";
    const Transcript text = boot(it);
    text.has("prologue: powering off in 1 s (on-failure=poweroff)");
}

}  // namespace prologue::qemu_tests
