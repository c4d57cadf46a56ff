// SPDX-License-Identifier: MIT
#include "images/early_modules.h"

#include "tests/unit/image_folder.h"
#include "tests/unit/test.h"

namespace prologue::images {
namespace {

// Whether the kernel may ask early for one of these and what they need.
bool is_wanted_early(const std::vector<std::string>& names) {
    const Folder folder;
    const auto index = [](const std::string& name) { return "modules/6.1.0-test/" + name; };
    folder.write(index("modules.dep"),
                 "kernel/virtio_blk.ko: kernel/virtio.ko\nkernel/virtio.ko:\nkernel/lz4.ko:\n"
                 "kernel/isofs.ko: kernel/cdrom.ko\nkernel/cdrom.ko:\nkernel/dm-crypt.ko:\n"
                 "kernel/crc32c_intel.ko:\nkernel/strange.ko:\n");
    folder.write(index("modules.alias"),
                 "alias virtio:d00000002v* virtio_blk\nalias block-major-254-* virtio_blk\n"
                 "alias fs-iso9660 isofs\nalias crypto-lz4 lz4\nalias cpu:type:x86* crc32c_intel\n"
                 "alias crypto-crc32c crc32c_intel\nalias strange:1 strange\n");
    const Result<ModuleTree> tree = ModuleTree::open(folder.at("modules/6.1.0-test"));
    CHECK(tree.has_value());
    if (!tree) return false;
    Closure closure(*tree);
    for (const std::string& name : names) CHECK(closure.add(name));
    return may_be_wanted_early(*tree, closure);
}

}  // namespace

TEST_CASE("early: what is there for a device, a filesystem or another module is not asked for") {
    CHECK(!is_wanted_early({}));
    CHECK(!is_wanted_early({"virtio_blk"}));
    CHECK(!is_wanted_early({"virtio_blk", "isofs"}));
}

TEST_CASE("early: what answers to another name may be asked for, or has none but its own") {
    CHECK(is_wanted_early({"virtio_blk", "lz4"}));
    CHECK(is_wanted_early({"crc32c_intel"}));
    CHECK(is_wanted_early({"dm_crypt"}));
    CHECK(is_wanted_early({"cdrom"}));
    CHECK(is_wanted_early({"strange"}));
}

}  // namespace prologue::images
