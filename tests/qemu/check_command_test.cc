// SPDX-License-Identifier: MIT
// `prologue check IMAGE --kernel VMLINUZ` with the kernel that the tests boot.
#include <doctest/doctest.h>

#include "tests/qemu/boot.h"
#include "tests/qemu/files.h"
#include "tests/qemu/image.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

ProgramEnd check_with_kernel(const ImageRecipe& recipe) {
    return run_tool({"check", build_image(recipe), "--kernel", settings().kernel});
}

bool says(const ProgramEnd& end, std::string_view text) {
    return end.output.find(text) != std::string::npos;
}

std::string root_of_type(const std::string& type) {
    return kDrivers + ("mount /dev/vda /newroot type=" + type + "\n") + kSwitchRoot;
}

}  // namespace

TEST_CASE("check: an image and the kernel that it is made for") {
    const ProgramEnd end = check_with_kernel({root_of_type("ext4"), {}});
    CHECK_MESSAGE(end.status == 0, end.output);
    CHECK(!says(end, "error: "));
    CHECK(says(end, "  2. these devices are there: /dev/vda (line 2)\n"));
    CHECK(!says(end, "its config is neither in it nor beside it"));
}

TEST_CASE("check: an image without modules, and a kernel that has them as modules") {
    const ProgramEnd end = check_with_kernel({root_of_type("xfs"), {"--modules", "none"}});
    CHECK_MESSAGE(end.status == 1, end.output);
    CHECK(says(end, "has no driver of the module 'virtio_blk' (line 1)"));
    CHECK(says(end, "has no driver of the filesystem 'xfs' (line 2)"));
}

}  // namespace prologue::qemu_tests
