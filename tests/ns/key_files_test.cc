// SPDX-License-Identifier: MIT
// Key files of the image, on a root of its own.
#include <sys/stat.h>
#include <unistd.h>

#include "init/image_keys.h"
#include "init/plan.h"
#include "stages/luks/tools.h"
#include "tests/ns/pid_one.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

off_t size_of(const char* path) {
    struct stat info {};
    EXPECT(stat(path, &info) == 0);
    return info.st_size;
}

// Two lines with one key, one with another that lies on a mount, one with none that is there.
Result<> destroy_all(ImageKeys& keys) {
    const config::Source source{"t",
                                "set on-failure poweroff\n"
                                "modules virtio_blk\n"
                                "decrypt /dev/vda -> a   key=/root.key\n"
                                "decrypt /dev/vdb -> b   key=/root.key\n"
                                "decrypt /dev/vdc -> c   key=/mnt/kept.key\n"
                                "decrypt /dev/vdd -> d   key=/missing.key\n"
                                "decrypt /dev/vde -> e   key=/stick.key key-device=LABEL=stick\n"
                                "decrypt /dev/vdf -> f\n"
                                "reboot\n"};
    PlanInput input;
    input.config = &source;
    const Plan plan = make_plan(input);
    EXPECT(plan.ok());
    return keys.destroy(plan, {});
}

void make_keys() {
    make_file("/root.key", std::string(10'000, 'k'));
    EXPECT(link("/root.key", "/other-name") == 0);
    make_file("/stick.key", "of the stick");
    make_dir("/mnt");
    mount_tmpfs("/mnt");
    make_file("/mnt/kept.key", "kept");
}

void those_of_the_image_go() {
    PidOne one;
    one.sys.shows_rootfs = true;
    make_keys();
    ImageKeys keys(one.sys, one.supervisor);
    EXPECT(destroy_all(keys).has_value());
    EXPECT(!exists("/root.key") && size_of("/other-name") == 0);
    EXPECT(exists("/stick.key") && size_of("/mnt/kept.key") == 4);
    EXPECT(keys.gone() == std::vector<std::string>{"/root.key"});
    const Result<Secret> key = make_key_files(one.sys, keys.gone())->read({"/root.key", 0, {}});
    EXPECT(!key.has_value() && key.error()->kind == ErrorKind::kRefused);
    // What a person has brought again is read, and goes again.
    make_file("/root.key", "again");
    EXPECT(make_key_files(one.sys, keys.gone())->read({"/root.key", 0, {}}).has_value());
    EXPECT(destroy_all(keys).has_value());
    EXPECT(!exists("/root.key"));
}

void those_of_a_real_root_stay() {
    PidOne one;
    make_keys();
    ImageKeys keys(one.sys, one.supervisor);
    EXPECT(destroy_all(keys).has_value());
    EXPECT(size_of("/root.key") == 10'000);
    EXPECT(keys.gone().empty());
}

}  // namespace

TEST_CASE("key files: those of the image are overwritten, and no others") {
    CHECK_IN_SANDBOX(those_of_the_image_go);
}
TEST_CASE("key files: on a real root nothing is touched") {
    CHECK_IN_SANDBOX(those_of_a_real_root_stay);
}

}  // namespace prologue::ns
