// SPDX-License-Identifier: MIT
// `prologue boot`: how the guest's end becomes the exit status of the command.
#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/image.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

ProgramEnd boot_command(const std::string& config, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "boot", build_image({config, {}}), "--kernel", settings().kernel, "--accel", "tcg"};
    words.insert(words.end(), more.begin(), more.end());
    return run_tool(words);
}

bool says(const ProgramEnd& end, std::string_view text) {
    return end.output.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("boot: a guest that powers off as its config says ends with 0") {
    const ProgramEnd end = boot_command("poweroff\n");
    CHECK_MESSAGE(end.status == 0, end.output);
}

TEST_CASE("boot: a guest whose boot failed ends with 1") {
    const ProgramEnd end = boot_command(
        "set on-failure poweroff\nset failure-delay 0s\nfind LABEL=none -> x timeout=100ms\n"
        "reboot\n");
    CHECK_MESSAGE(end.status == 1, end.output);
    CHECK(says(end, "prologue: error: the guest reports that its boot failed"));
}

TEST_CASE("boot: a config by fw_cfg that the image cannot read is said") {
    const std::string conf = work_folder() + "/outside.conf";
    write_file(conf, "reboot\n");
    const ProgramEnd end =
        boot_command("poweroff\n", {"--", "-fw_cfg", "name=opt/prologue/config,file=" + conf});
    CHECK_MESSAGE(end.status == 0, end.output);
    CHECK(says(end, "warning: the image has no qemu_fw_cfg module, so it ignores the config"));
}

}  // namespace prologue::qemu_tests
