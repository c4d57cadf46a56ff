// SPDX-License-Identifier: MIT
// An image that cannot boot for want of a config or of a module is told when it is built and when
// it is checked.
#include "images/image_modules.h"

#include <algorithm>

#include "images/kmod_index.h"
#include "images/plan_modules.h"
#include "tests/unit/image_folder.h"

namespace prologue::images {
namespace {

// A program that looks for prologue's config, as prologue-init does.
std::string our_init() {
    return program() + "/etc/prologue.conf";
}

// The image of these requests, packed without a look at what the builder says.
std::string packed(ImageRequest request, std::string_view config) {
    Built built(request);
    Archive copy;
    for (const Entry* entry : built.archive.in_order()) {
        Entry one = *entry;
        if (one.path == "etc/prologue.conf") one.content = config;
        CHECK(copy.add(std::move(one)));
    }
    Problems problems;
    copy.finish(problems);
    return write_cpio(copy).value_or("");
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("image: without a config it carries what the built-in one may need") {
    const Folder folder;
    folder.write("init", our_init(), 0755);
    folder.write("modules/6.1.0-test/modules.dep",
                 "kernel/drivers/nvme/host/nvme.ko:\nkernel/fs/xfs/xfs.ko:\nkernel/b.ko:\n"
                 "kernel/drivers/md/dm-crypt.ko:\n");
    for (const char* path :
         {"drivers/nvme/host/nvme.ko", "fs/xfs/xfs.ko", "drivers/md/dm-crypt.ko"})
        folder.write("modules/6.1.0-test/kernel/" + std::string(path), module_file("6.1.0-test"));
    const Built built(folder.request());
    CHECK(!built.problems.has_errors());
    CHECK(built.says("note: no CONF: the image obeys root="));
    CHECK(has(built.names(), "/nvme.ko "));
    CHECK(has(built.names(), "/xfs.ko "));
    CHECK(has(built.names(), "/dm-crypt.ko "));
    CHECK(!has(built.names(), "/b.ko "));
    CHECK(!has(built.names(), "etc/prologue.conf"));
    CHECK(!has(checked(built.bytes()), "error: "));
    CHECK(Built(folder.request(kPlain)).problems.text() == "");
}

// What is found on the device must have its driver in the image.
TEST_CASE("image: a mount whose type is left open is one of what a root can have") {
    const auto finds = [](const std::string& type) {
        const config::Source source{"test.conf", "modules auto\nmount LABEL=root /newroot " + type +
                                                     "\nswitch_root /newroot\n"};
        PlanInput input;
        input.config = &source;
        const Plan plan = make_plan(input);
        CHECK(plan.ok());
        return std::any_of(plan.steps.begin(), plan.steps.end(), finds_filesystem);
    };
    for (const char* open : {"", "type=auto", "type=xfs,auto", "type=${cmdline.type}"}) {
        CAPTURE(open);
        CHECK(finds(open));
    }
    for (const char* said : {"type=ext4", "type=xfs,ext4"}) {
        CAPTURE(said);
        CHECK(!finds(said));
    }
}

// ext4 as a module, and a driver of a disk.
Built built_for_a_kernel_of_modules(const std::string& config) {
    const Folder folder;
    const auto module = [](const std::string& name) { return "modules/6.1.0-test/" + name; };
    folder.write(module("modules.dep"),
                 "kernel/fs/ext4/ext4.ko:\nkernel/b.ko:\nkernel/udf.ko:\nkernel/virtiofs.ko:\n");
    folder.write(module("modules.alias"),
                 "alias fs-ext4 ext4\nalias fs-udf udf\nalias fs-virtiofs virtiofs\n");
    folder.write(module("modules.builtin"), "kernel/fs/overlayfs/overlay.ko\n");
    for (const char* file : {"kernel/fs/ext4/ext4.ko", "kernel/udf.ko", "kernel/virtiofs.ko"})
        folder.write(module(file), module_file("6.1.0-test"));
    return Built(folder.request(config));
}

TEST_CASE("image: a filesystem that is left open and of which the image has no driver") {
    constexpr const char* kWarning =
        ":2:1: warning: kernel 6.1.0-test has all filesystems of disks as modules, and none is "
        "asked for";
    const auto warns = [&](const std::string& modules, const std::string& mount) {
        const Built built = built_for_a_kernel_of_modules("modules " + modules + "\nmount " +
                                                          mount + "\nswitch_root /newroot\n");
        CHECK(!built.problems.has_errors());
        return built.says(kWarning);
    };
    CHECK(warns("b", "LABEL=root /newroot"));
    CHECK(warns("b", "LABEL=root /newroot type=auto"));
    CHECK(!warns("b", "LABEL=root /newroot type=ext4"));
    CHECK(!warns("b ext4", "LABEL=root /newroot"));
    CHECK(!warns("auto", "LABEL=root /newroot"));
    CHECK(!warns("b", "tmpfs /newroot"));
    CHECK(!warns("b", "tmpfs /newroot\nmount /dev /newroot/dev options=bind"));
    CHECK(!warns("b", "tmpfs /newroot\nmount /newroot options=remount,ro"));
    CHECK(warns("b virtiofs", "LABEL=root /newroot"));  // a filesystem, and of no disk
    CHECK(!warns("b udf", "LABEL=root /newroot"));
    CHECK(!Built(Folder().request("modules b\nmount LABEL=root /newroot\nswitch_root /newroot\n"))
               .says("all filesystems of disks"));  // ext4 is built in there
}

TEST_CASE("image: a config that comes by --add is the image's own") {
    const Folder folder;
    folder.write("init", our_init(), 0755);
    folder.write("other.conf", kPlain);
    ImageRequest request = folder.request();
    request.added = {folder.at("other.conf") + ":/etc/prologue.conf"};
    CHECK(Built(request).problems.text() == "");
}

TEST_CASE("image: a locked one has its config in it") {
    const Folder folder;
    folder.write("init", our_init(), 0755);
    ImageRequest request = folder.request();
    request.locked = true;
    CHECK(Built(request).says("error: the locked image has no /etc/prologue.conf"));
    request = folder.request("set on-failure reboot\n" + std::string(kPlain));
    request.locked = true;
    CHECK(Built(request).problems.text() == "");
}

TEST_CASE("image: a foreign init needs no config of ours") {
    const Folder folder;
    CHECK(Built(folder.request()).problems.text() == "");
}

TEST_CASE("image: a module that its config names is missing") {
    const Folder folder;
    const std::string image =
        packed(folder.request(kPlain), "modules b aa ext4\n" + std::string(kPlain));
    const std::string text = checked(image);
    CHECK(has(text,
              "test.img:/etc/prologue.conf:1:11: error: the image has no module 'aa' for "
              "kernel 6.1.0-test"));
    CHECK(!has(text, "'b'"));
    CHECK(!has(text, "'ext4'"));  // built in
}

TEST_CASE("image: no modules at all is a warning, for a kernel that has them built in") {
    const Folder folder;
    ImageRequest request = folder.request(kPlain);
    request.modules = "none";
    const Built built(request);
    CHECK(!built.problems.has_errors());
    CHECK(
        built.says("boot.conf:1:9: warning: the image has no modules, so the kernel must have "
                   "built in: b\n"));
    CHECK(has(checked(built.bytes()), "warning: the image has no modules"));
}

TEST_CASE("image: modules auto: drivers of storage that were left out are written down") {
    const Folder folder;
    folder.write("modules/6.1.0-test/modules.dep",
                 "kernel/drivers/ata/ahci.ko:\nkernel/drivers/scsi/rare.ko:\n"
                 "kernel/drivers/net/card.ko:\nkernel/drivers/usb/storage/usb-storage.ko:\n");
    folder.write("modules/6.1.0-test/modules.alias",
                 "# Aliases\nalias pci:v*d*sv*sd*bc01sc06i01* ahci\n"
                 "alias pci:v00001000d00000012sv*sd*bc*sc*i* rare\nalias scsi_hostadapter rare\n"
                 "alias pci:v*d*sv*sd*bc01sc07i00* rare\n"
                 "alias pci:v00008086d0000100Esv*sd*bc*sc*i* card\n"
                 "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb-storage\n"
                 "alias usb:v05ACp1205d*dc*dsc*dp*ic*isc*ip*in* usb-storage\n");
    for (const char* path :
         {"ata/ahci.ko", "scsi/rare.ko", "net/card.ko", "usb/storage/usb-storage.ko"})
        folder.write("modules/6.1.0-test/kernel/drivers/" + std::string(path),
                     module_file("6.1.0-test"));
    const auto absent = [&folder](const std::string& config) -> std::string {
        ImageRequest request = folder.request(config);
        request.board = "generic";
        const Built built(request);
        const Entry* entry = built.archive.find("lib/modules/6.1.0-test/modules.absent");
        return entry == nullptr ? "none" : entry->content;
    };
    const std::string mounts = "mount /dev/vda /newroot type=ext4\nswitch_root /newroot\n";
    CHECK(absent("modules auto\n" + mounts) ==
          "pci:v00001000d00000012sv* rare\npci:v*d*sv*sd*bc01sc07i00* rare\n");
    CHECK(absent("modules ahci\n" + mounts) == "none");
}

TEST_CASE("index: its keys are read back, and damage ends in time") {
    KmodIndex index;
    for (const char* key : {"a", "ab", "abc", "virtio_blk", "virtio_net", "virtio:d*v*"})
        index.insert(key, "value", 1);
    const std::string bytes = index.bytes();
    CHECK(index_keys(bytes) ==
          std::vector<std::string>{"a", "ab", "abc", "virtio:d*v*", "virtio_blk", "virtio_net"});
    CHECK(index_keys(KmodIndex().bytes()).empty());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
        CHECK(index_keys(std::string_view(bytes).substr(0, cut)).size() <= 6);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        (void)index_keys(damaged);  // any bytes give an answer
    }
}

// A node that is each of its own 256 children.
TEST_CASE("index: a node that is its own child is read once") {
    using namespace std::string_literals;
    std::string bytes = "\xb0\x07\xf4\x57\x00\x02\x00\x01\xe0\x00\x00\x0c"s;
    bytes += "key\0\x00\xff"s;
    for (int child = 0; child < 256; ++child) bytes += "\xe0\x00\x00\x0c"s;
    CHECK(index_keys(bytes) == std::vector<std::string>{"key"});
}

TEST_CASE("kernel_of_path: the version of a module's place") {
    CHECK(kernel_of_path("lib/modules/6.1/kernel/a.ko") == "6.1");
    CHECK(kernel_of_path("usr/lib/modules/6.1/modules.dep") == "6.1");
    CHECK(kernel_of_path("lib/modules/6.1") == "");
    CHECK(kernel_of_path("etc/modules") == "");
}

}  // namespace prologue::images
