// SPDX-License-Identifier: MIT
// The timeline of a real boot, as the real root finds it, and as the tool draws it.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/files.h"
#include "tests/qemu/image.h"

namespace prologue::qemu_tests {
namespace {

// The file, as the guest printed it.
std::string file_of(const Transcript& text) {
    std::string file;
    for (const std::string& line : text.texts_behind("guest: cat /run/prologue/timeline.json: "))
        file += line + "\n";
    return file;
}

}  // namespace

TEST_CASE("timeline: the real root finds it in /run, and it is a picture") {
    Boot it = boot_of_root();
    it.words += " guest.cat=/run/prologue/timeline.json guest.stat=/run/prologue/timeline.json";
    Vm vm(machine_of(it));
    vm.finish();
    check_end(vm, End::kPowerOff);
    const Transcript text = vm.transcript();
    check_hand_over(text);
    text.has("guest: mount /run tmpfs rw,nosuid,nodev *");
    text.has("guest: cat *{\"line\": 1, \"keyword\": \"modules\", *");
    text.has("guest: cat *{\"line\": 2, \"keyword\": \"mount\", *");
    text.has("guest: cat *{\"line\": 3, \"keyword\": \"switch_root\", *");
    const std::string json = work_folder() + "/timeline.json", svg = work_folder() + "/boot.svg";
    write_file(json, file_of(text));
    const std::string log = work_folder() + "/serial.log";
    write_file(log, vm.serial_log());
    const ProgramEnd end = run_tool({"timeline", json, "--log", log, "-o", svg});
    CHECK_MESSAGE(end.status == 0, end.output);
    const std::string picture = read_file(svg);
    CHECK(picture.starts_with("<svg "));
    CHECK(picture.find("modules virtio_pci virtio_blk ext4") != std::string::npos);
    CHECK(picture.find("initramfs unpacked") != std::string::npos);
    CHECK(picture.find("<script") == std::string::npos);
}

TEST_CASE("timeline: a line of the kernel's log") {
    Boot it = boot_of_root();
    it.words += " loglevel=8";
    boot(it).has(
        "prologue: timeline (us): init *, 1:modules *+*/*, 2:mount *+*/*, 3:switch_root *+*/*, end "
        "*");
}

TEST_CASE("timeline: what failed is in it") {
    Boot it;
    it.config = "write /proc/sys/kernel/none 1\npoweroff\n";
    it.words = "prologue.on-failure=poweroff loglevel=8";
    boot(it).has("prologue: timeline (us): *1:write *+*/*, end *");
}

}  // namespace prologue::qemu_tests
