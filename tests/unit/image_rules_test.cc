// SPDX-License-Identifier: MIT
// What the tools say of a plan and its image beyond mistakes.
#include "images/image_rules.h"

#include "tests/unit/config_text.h"
#include "tests/unit/image_folder.h"
#include "tests/unit/test.h"

namespace prologue::images {
namespace {

constexpr char kAdvice[] =
    "note: a key of the image passes through memory that the kernel frees\n"
    "    2 | decrypt /dev/vda -> plain   key=/etc/root.key\n"
    "      |                                 ^~~~~~~~~~~~~\n"
    "  hint: 'init_on_free=1' on the kernel command line wipes that memory\n";

std::string config_with(const std::string& decrypt) {
    return "modules virtio_blk\ndecrypt /dev/vda -> plain   " + decrypt +
           "\nmount plain /newroot type=ext4\nswitch_root /newroot\n";
}

// What is said of a config alone, beside these words for the kernel.
std::string advice_on(const std::string& decrypt, const std::string& words) {
    const tests::Planned planned("t", "set on-failure poweroff\n" + config_with(decrypt), words);
    config::Diagnostics said;
    recommend_wiping(planned.plan, &planned.command_line, said);
    return tests::rendered(said);
}

}  // namespace

TEST_CASE("image rules: an image with a key is told of init_on_free=1") {
    const std::string config = config_with("key=/etc/root.key");
    const std::string said =
        checked(write_cpio(finished({make_file("init", 0755, program()),
                                     make_file("etc/root.key", 0600, "k"),
                                     make_file("etc/prologue.conf", 0600, config)}))
                    .value_or(""));
    INFO(said);
    CHECK(said.find(std::string("test.img:/etc/prologue.conf:2:33: ") + kAdvice) !=
          std::string::npos);
}

TEST_CASE("image rules: init_on_free=1 is advised where it is missing and would help") {
    CHECK(advice_on("key=/etc/root.key", "").find("'init_on_free=1'") != std::string::npos);
    CHECK(advice_on("key=/etc/root.key", "init_on_free=0") != "");
    CHECK(advice_on("key=/etc/root.key", "init_on_free=1") == "");
    CHECK(advice_on("key=/root.key key-device=LABEL=keys", "") == "");
    CHECK(advice_on("key=prompt", "") == "");
}

}  // namespace prologue::images
