// SPDX-License-Identifier: MIT
#include "tests/qemu/minroot.h"

#include <doctest/doctest.h>

#include "tests/qemu/files.h"
#include "tests/qemu/image.h"

namespace prologue::qemu_tests {

std::string build_minroot(const MinrootRecipe& recipe) {
    const std::string path = work_folder() + "/minroot.img";
    std::vector<std::string> words = {"minroot", "-o", path};
    if (!recipe.config.empty()) {
        write_file(path + ".conf", recipe.config);
        words.push_back(path + ".conf");
    }
    words.insert(words.end(), recipe.options.begin(), recipe.options.end());
    const ProgramEnd end = run_tool(words);
    if (end.status != 0) FAIL_CHECK("prologue minroot exits with ", end.status, ":\n", end.output);
    return path;
}

std::string note() {
    const std::string path = work_folder() + "/note";
    write_file(path, "a note\n");
    return path;
}

void check_filesystem(const std::string& image, Where where) {
    const ProgramEnd end = run_program({"/sbin/e2fsck", "-fn", image});
    if (end.status != 0)
        fail_at(where, "e2fsck exits with " + std::to_string(end.status) + ":\n" + end.output);
}

}  // namespace prologue::qemu_tests
