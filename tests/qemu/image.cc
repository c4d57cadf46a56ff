// SPDX-License-Identifier: MIT
#include "tests/qemu/image.h"

#include <doctest/doctest.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {

ProgramEnd run_tool(std::vector<std::string> words) {
    words.insert(words.begin(), settings().build + "/prologue");
    return run_program(words);
}

std::string build_image(const ImageRecipe& recipe) {
    const std::string path = work_folder() + "/" + recipe.output;
    std::vector<std::string> words = {"initramfs"};
    // What replaces it unchecked is joined behind an image that was checked.
    const bool is_replaced = recipe.config.empty() && !recipe.unchecked_config.empty();
    const std::string text = is_replaced ? "poweroff\n" : recipe.config;
    if (!text.empty()) {
        const std::string config = path + ".conf";
        write_file(config, with_identifiers(text));
        words.push_back(config);
    }
    words.insert(words.end(), {"-o", path, "--modules", settings().modules});
    words.insert(words.end(), recipe.options.begin(), recipe.options.end());
    const ProgramEnd end = run_tool(words);
    if (end.status != 0)
        FAIL_CHECK("prologue initramfs exits with ", end.status, ":\n", end.output);
    if (recipe.unchecked_config.empty()) return path;
    return join_archives(path, config_archive(recipe.unchecked_config));
}

std::string join_archives(const std::string& first, const std::string& second) {
    std::string both = read_file(first);
    both.append((4 - both.size() % 4) % 4, '\0');  // an archive starts at a multiple of four
    both += read_file(second);
    const std::string path = first + ".joined";
    write_file(path, both);
    return path;
}

std::string config_archive(const std::string& config) {
    return file_archive("/etc/prologue.conf", with_identifiers(config));
}

std::string file_archive(const std::string& path_in_image, const std::string& bytes) {
    const std::string path = work_folder() + "/unchecked";
    write_file(path + ".bytes", bytes);
    // A list with an init of its own is taken as it is.
    std::string list = "file /init " + settings().build + "/prologue-init 755 0 0\n";
    for (std::size_t slash = path_in_image.find('/', 1); slash != std::string::npos;
         slash = path_in_image.find('/', slash + 1))
        list += "dir " + path_in_image.substr(0, slash) + " 755 0 0\n";
    write_file(path + ".list", list + "file " + path_in_image + " " + path + ".bytes 600 0 0\n");
    const ProgramEnd end = run_tool({"initramfs", "--from", path + ".list", "--modules", "none",
                                     "--compress", "none", "-o", path + ".cpio"});
    if (end.status != 0) FAIL_CHECK("prologue initramfs --from: ", end.output);
    return path + ".cpio";
}

std::string guest_program(std::string_view name) {
    return settings().guest_init + ":/bin/" + std::string(name);
}

std::string trouble_program(std::string_view name) {
    return settings().build + "/tests/guest/guest_trouble:/bin/" + std::string(name);
}

}  // namespace prologue::qemu_tests
