// SPDX-License-Identifier: MIT
#include "images/closure.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <libkmod.h>

#include "images/host.h"
#include "images/kmod_index.h"
#include "images/modinfo.h"
#include "images/needs.h"
#include "images/plan_modules.h"
#include "tests/unit/test.h"

using namespace prologue;
using namespace prologue::images;

namespace {

// A lib/modules/VERSION with index files only: a closure reads nothing else.
class Fixture {
  public:
    Fixture() {
        char folder[] = "/tmp/prologue-closure-XXXXXX";
        base_ = mkdtemp(folder);
        for (const char* part : {"/lib", "/lib/modules", "/lib/modules/6.1.0-test"})
            (void)make_directory(base_ + part, 0755);
        write("modules.dep",
              "kernel/fs/fat/fat.ko.xz:\n"
              "kernel/fs/fat/vfat.ko.xz: kernel/fs/fat/fat.ko.xz\n"
              "kernel/fs/nls/nls_cp437.ko.xz:\n"
              "kernel/fs/nls/nls_ascii.ko.xz:\n"
              "kernel/drivers/virtio/virtio.ko:\n"
              "kernel/drivers/virtio/virtio_ring.ko: kernel/drivers/virtio/virtio.ko\n"
              "kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio_ring.ko "
              "kernel/drivers/virtio/virtio.ko\n"
              "kernel/drivers/md/dm-mod.ko.zst:\n"
              "kernel/drivers/md/dm-crypt.ko.zst: kernel/drivers/md/dm-mod.ko.zst\n"
              "kernel/crypto/xts.ko:\n"
              "kernel/crypto/ecb.ko:\n"
              "kernel/crypto/loop-a.ko:\n"
              "kernel/crypto/loop-b.ko:\n"
              "kernel/fs/broken.ko: kernel/fs/gone.ko\n"
              "kernel/fs/9p/9p.ko:\n");
        write("modules.alias",
              "# a comment\n"
              "alias fs-vfat vfat\n"
              "alias virtio:d00000002v* virtio_blk\n"
              "alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_blk\n"
              "alias fs-9p 9p\n"
              "alias crypto-xts xts\n");
        write("modules.softdep",
              "softdep xts pre: ecb\n"
              "softdep loop_a pre: loop-b\n"
              "softdep loop_b pre: loop-a post: xts\n"
              "softdep vfat pre: not_there\n");
        write("modules.weakdep", "weakdep ecb loop_a\n");
        write("modules.builtin",
              "kernel/fs/ext4/ext4.ko\nkernel/crypto/crc32c_generic.ko\n"
              "kernel/crypto/aes_generic.ko\n");
        write("modules.builtin.modinfo",
              std::string(
                  "ext4.alias=fs-ext4\0ext4.alias=fs-ext3\0crc32c_generic.alias=crypto-crc32c\0"
                  "aes_generic.license=GPL\0",
                  95));
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;
    ~Fixture() { (void)std::system(("rm -rf " + base_).c_str()); }

    void write(const std::string& name, const std::string& text) const {
        CHECK(write_output(directory() + "/" + name, text, 0644));
    }
    [[nodiscard]] std::string directory() const { return base_ + "/lib/modules/6.1.0-test"; }
    [[nodiscard]] const std::string& base() const { return base_; }

  private:
    std::string base_;
};

std::string order_of(const Closure& closure) {
    std::string text;
    for (const Module* module : closure.load_order()) text += module->name + " ";
    return text;
}

}  // namespace

TEST_CASE("closure: dependencies stand before what needs them") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    CHECK(tree->version() == "6.1.0-test");
    Closure closure(*tree);
    CHECK(closure.add("virtio-blk"));
    CHECK(order_of(closure) == "virtio virtio_ring virtio_blk ");
    CHECK(closure.add("virtio_blk"));
    CHECK(order_of(closure) == "virtio virtio_ring virtio_blk ");
}

TEST_CASE("closure: aliases, wildcards, builtin and missing names") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add("virtio:d00000002v00001AF4"));
    CHECK(closure.has("virtio_blk"));
    CHECK(closure.add("ext4"));
    CHECK(closure.add("fs-ext3"));
    CHECK(closure.add("crc32c-generic"));
    CHECK(!closure.add("ext5"));
    CHECK(!closure.add("aes"));
    CHECK(!closure.add("GPL"));
    CHECK(order_of(closure) == "virtio virtio_ring virtio_blk ");
}

TEST_CASE("closure: soft dependencies, also in a circle and missing ones") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add("loop_a"));
    CHECK(order_of(closure) == "loop_b ecb xts loop_a ");
}

TEST_CASE("closure: what the kernel asks for by itself") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add_filesystem("vfat"));
    CHECK(order_of(closure) == "fat vfat nls_cp437 nls_ascii ");
    CHECK(closure.unmet().empty());
    Closure crypt(*tree);
    CHECK(crypt.add("dm_crypt"));
    CHECK(crypt.has("xts"));
    CHECK(crypt.has("ecb"));
    CHECK(crypt.unmet().empty());  // aes_generic is built in
    Closure p9(*tree);
    CHECK(p9.add_filesystem("9p"));
    CHECK(p9.unmet() ==
          std::vector<std::string>{
              "'9p' asks the kernel for 9pnet_virtio, and this kernel has none of it"});
}

TEST_CASE("closure: filesystems of every kernel need no module") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add_filesystem("tmpfs"));
    CHECK(closure.add_filesystem("ext4"));
    CHECK(!closure.add_filesystem("erofs"));
    CHECK(closure.load_order().empty());
}

TEST_CASE("closure: a dependency that modules.dep lacks is said") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add("broken"));
    CHECK(closure.unmet().size() == 1);
}

TEST_CASE("closure: index files hold the included modules only, by their uncompressed names") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add("vfat"));
    for (const IndexFile& file : make_module_indexes(*tree, closure)) {
        CAPTURE(file.name);
        CHECK(file.content.find("virtio") == std::string::npos);
        if (file.name == "modules.dep")
            CHECK(file.content ==
                  "kernel/fs/fat/fat.ko:\n"
                  "kernel/fs/fat/vfat.ko: kernel/fs/fat/fat.ko\n"
                  "kernel/fs/nls/nls_cp437.ko:\nkernel/fs/nls/nls_ascii.ko:\n");
        if (file.name == "modules.softdep") CHECK(file.content == "softdep vfat pre: not_there\n");
        if (file.name == "modules.symbols.bin") CHECK(file.content.size() == 12);
    }
}

TEST_CASE("closure: where the modules of --modules lie") {
    const Fixture fixture;
    const std::string real = real_path(fixture.directory()).value_or("");
    CHECK(find_module_directory("", fixture.directory()).value_or("") == real);
    CHECK(find_module_directory("", fixture.base()).value_or("") ==
          fixture.base() + "/lib/modules/6.1.0-test");
    CHECK(find_module_directory("6.1.0-test", fixture.base() + "/lib/modules").has_value());
    CHECK(!find_module_directory("6.1.0-other", fixture.directory()));
    CHECK(!find_module_directory("6.1.0-other", fixture.base()));
    CHECK(!find_module_directory("", fixture.base() + "/none"));
    CHECK(make_directory(fixture.base() + "/lib/modules/7.0", 0755));
    CHECK(make_directory(fixture.base() + "/lib/modules/7.0/kernel", 0755));
    const Result<std::string> two = find_module_directory("", fixture.base());
    CHECK(!two);
    if (!two) CHECK(describe(two.error()).find("6.1.0-test 7.0") != std::string::npos);
}

TEST_CASE("closure: an empty modules.dep, or an index that is not there, is an error") {
    const Fixture fixture;
    const std::string alias = fixture.directory() + "/modules.alias";
    CHECK(std::rename(alias.c_str(), (alias + ".away").c_str()) == 0);
    const Result<ModuleTree> without = ModuleTree::open(fixture.directory());
    CHECK(!without);
    if (!without) {
        CHECK(describe(without.error()).find("/modules.alias: No such file") != std::string::npos);
        CHECK(without.error()->hint.find("depmod 6.1.0-test") != std::string::npos);
    }
    CHECK(std::rename((alias + ".away").c_str(), alias.c_str()) == 0);
    fixture.write("modules.dep", "# nothing\n");
    CHECK(!ModuleTree::open(fixture.directory()));
    CHECK(std::system(("rm " + fixture.directory() + "/modules.dep").c_str()) == 0);
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    CHECK(!tree);
    if (!tree) CHECK(tree.error()->hint.find("depmod 6.1.0-test") != std::string::npos);
}

TEST_CASE("closure: module names and paths") {
    CHECK(module_name_of_path("kernel/drivers/md/dm-crypt.ko.zst") == "dm_crypt");
    CHECK(uncompressed_path("kernel/a/b-c.ko.xz") == "kernel/a/b-c.ko");
    CHECK(uncompressed_path("kernel/a/b.ko") == "kernel/a/b.ko");
    CHECK(normalise_module_name("a-b[0-9]-c") == "a_b[0-9]_c");
}

namespace {

// What libkmod finds for a name: "module builtin? dependencies…", one line a module.
std::string found_by_libkmod(kmod_ctx* context, const char* name) {
    kmod_list* list = nullptr;
    std::string text;
    if (kmod_module_new_from_lookup(context, name, &list) < 0) return "error";
    for (kmod_list* at = list; at != nullptr; at = kmod_list_next(list, at)) {
        kmod_module* module = kmod_module_get_module(at);
        text += kmod_module_get_name(module);
        if (kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN) text += " builtin";
        kmod_list* needed = kmod_module_get_dependencies(module);
        for (kmod_list* one = needed; one != nullptr; one = kmod_list_next(needed, one)) {
            kmod_module* dependency = kmod_module_get_module(one);
            text.append(" ").append(kmod_module_get_name(dependency));
            kmod_module_unref(dependency);
        }
        kmod_module_unref_list(needed);
        kmod_module_unref(module);
        text += "\n";
    }
    kmod_module_unref_list(list);
    return text;
}

}  // namespace

TEST_CASE("kmod index: libkmod reads what is written") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add("vfat"));
    CHECK(closure.add("virtio_blk"));
    for (const IndexFile& file : make_module_indexes(*tree, closure))
        fixture.write(file.name, file.content);
    // libkmod looks whether the files are there, not what is in them.
    for (const Module* module : closure.load_order()) {
        const std::string path(uncompressed_path(module->path));
        (void)std::system(
            ("mkdir -p " + fixture.directory() + "/" + std::string(parent_of(path))).c_str());
        fixture.write(path, "");
    }
    const char* no_config[] = {nullptr};
    kmod_ctx* context = kmod_new(fixture.directory().c_str(), no_config);
    CHECK(context != nullptr);
    if (context == nullptr) return;
    CHECK(kmod_load_resources(context) == 0);
    CHECK(found_by_libkmod(context, "fs-vfat") == "vfat fat\n");
    CHECK(found_by_libkmod(context, "virtio-blk") == "virtio_blk virtio virtio_ring\n");
    CHECK(found_by_libkmod(context, "pci:v00001AF4d00001001sv0sd0bc0sc0i0") ==
          "virtio_blk virtio virtio_ring\n");
    CHECK(found_by_libkmod(context, "ext4") == "ext4 builtin\n");
    CHECK(found_by_libkmod(context, "fs-ext3") == "ext4 builtin\n");
    CHECK(found_by_libkmod(context, "xts") == "");
    CHECK(found_by_libkmod(context, "nothing") == "");
    kmod_unref(context);
}

TEST_CASE("closure: the ciphers of a header take the place of the usual ones") {
    const Fixture fixture;
    const Result<ModuleTree> tree = ModuleTree::open(fixture.directory());
    REQUIRE_OK(tree);
    Closure closure(*tree);
    closure.replace_needs("dm_crypt", {"nls_cp437", "crypto-serpent"});
    CHECK(closure.add("dm_crypt"));
    CHECK(closure.has("nls_cp437"));
    CHECK_FALSE(closure.has("xts"));
    CHECK(closure.unmet() ==
          std::vector<std::string>{"'dm_crypt' asks the kernel for crypto-serpent, "
                                   "and this kernel has none of it"});
}

TEST_CASE("kmod index: values in the order of their priority, an empty index of twelve bytes") {
    KmodIndex index;
    index.insert("on", "1", 5);
    index.insert("once", "2", 1);
    index.insert("once", "3", 0);
    index.insert("caf\xc3\xa9", "no ASCII", 0);  // the format has no room for it
    const std::string bytes = index.bytes();
    CHECK(bytes.substr(0, 8) == std::string("\xb0\x07\xf4\x57\x00\x02\x00\x01", 8));
    // The child behind "onc": its prefix "e", then both values.
    CHECK(bytes.find(std::string("e\0\0\0\0\2\0\0\0\0"
                                 "3\0\0\0\0\1"
                                 "2\0",
                                 18)) == 12);
    CHECK(bytes.find("caf") == std::string::npos);
    CHECK(KmodIndex().bytes().size() == 12);
}
