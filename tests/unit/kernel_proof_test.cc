// SPDX-License-Identifier: MIT
// What is proved of an image for one kernel file, and what is left open.
#include "images/kernel_proof.h"

#include "tests/unit/kernel_maker.h"

namespace prologue::images {
namespace {

constexpr const char* kEverything =
    "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\nCONFIG_RD_XZ=y\nCONFIG_RD_ZSTD=y\n"
    "CONFIG_RD_LZ4=y\nCONFIG_BINFMT_ELF=y\nCONFIG_DEVTMPFS=y\nCONFIG_PROC_FS=y\nCONFIG_SYSFS=y\n"
    "CONFIG_SHMEM=y\nCONFIG_TMPFS=y\nCONFIG_SIGNALFD=y\nCONFIG_NET=y\nCONFIG_UNIX=y\n"
    "CONFIG_MODULES=y\nCONFIG_EXT4_FS=y\nCONFIG_XFS_FS=m\n";

std::string without(std::string_view symbol) {
    std::string text = kEverything;
    const std::string line = "CONFIG_" + std::string(symbol) + "=y\n";
    const std::size_t at = text.find(line);
    CHECK(at != std::string::npos);
    return at == std::string::npos ? text : text.erase(at, line.size());
}

// A machine's /boot and /lib/modules, whose kernel and images can be changed.
class Machine : public Folder {
  public:
    Machine() {
        write("init", program() + "/etc/prologue.conf", 0755);
        for (const char* file :
             {"modules.dep", "modules.alias", "modules.builtin", "kernel/a.ko.xz", "kernel/b.ko"})
            write("lib/modules/6.1.0-test/" + std::string(file),
                  read_file(at("modules/6.1.0-test/" + std::string(file))).value_or(""));
        set_config(kEverything);
        set_kernel({});
    }
    void set_kernel(const KernelRecipe& recipe) const {
        write("boot/vmlinuz-test", kernel_file(recipe));
    }
    void set_config(std::string_view text) const { write("boot/config-6.1.0-test", text); }

    struct Verdict {
        std::string problems, open;
        [[nodiscard]] bool says(std::string_view text) const {
            return problems.find(text) != std::string::npos;
        }
        [[nodiscard]] bool leaves(std::string_view text) const {
            return open.find(text) != std::string::npos;
        }
    };
    [[nodiscard]] Verdict judge(const std::string& image) const {
        const Result<KernelFile> kernel = open_kernel_file(at("boot/vmlinuz-test"), "");
        if (!kernel) return {describe(kernel.error()), {}};
        Problems problems;
        const CheckedImage checked = check_image("test.img", image, problems, Kernel::kNamed);
        const auto open = prove_image(checked, *kernel, problems);
        return {problems.text(), unproved_text("test.img", *kernel, open)};
    }
    [[nodiscard]] std::string image(const std::string& config) const {
        ImageRequest all = request(config);
        all.modules = at("lib/modules/6.1.0-test");
        return Built(all).bytes();
    }
    [[nodiscard]] Verdict judge_plain() const { return judge(image(kPlain)); }
};

}  // namespace

TEST_CASE("proof: a pair that fits leaves to the boot what only it can tell, in its order") {
    const Machine machine;
    const Machine::Verdict verdict = machine.judge_plain();
    CHECK(verdict.problems == "");
    CHECK(verdict.open ==
          "not proved of test.img with kernel 6.1.0-test, in this order:\n"
          "  1. the modules have the symbols and the keys of this very build: loading them tells\n"
          "  2. these devices are there: /dev/vda (line 2)\n"
          "  3. the root has an init that can run (line 3)\n");
}

TEST_CASE("proof: each switch that the image needs and the kernel lacks is an error") {
    const Machine machine;
    for (const char* symbol : {"BLK_DEV_INITRD", "BINFMT_ELF", "DEVTMPFS", "PROC_FS", "SYSFS",
                               "TMPFS", "SIGNALFD", "NET", "MODULES"}) {
        machine.set_config(without(symbol));
        const Machine::Verdict verdict = machine.judge_plain();
        CAPTURE(std::string(symbol));
        CHECK(verdict.says("prologue: error: kernel 6.1.0-test cannot "));
        CHECK(verdict.says("CONFIG_" + std::string(symbol) + "=y is not in " +
                           machine.at("boot/config-6.1.0-test")));
    }
    machine.set_config(without("UNIX"));
    CHECK(machine.judge_plain().says("prologue: warning: kernel 6.1.0-test cannot run the rescue"));
}

TEST_CASE("proof: without SHMEM a tmpfs is a ramfs") {
    const Machine machine;
    std::string config = without("TMPFS");
    config.replace(config.find("CONFIG_SHMEM=y"), 14, "CONFIG_X86=y");
    machine.set_config(config);
    CHECK(machine.judge_plain().problems == "");
}

TEST_CASE("proof: a compression that the kernel does not undo is an error") {
    const Machine machine;
    const std::string plain = machine.image(kPlain);
    for (const auto& [compression, symbol] :
         {std::pair(Compression::kGzip, "RD_GZIP"), std::pair(Compression::kXz, "RD_XZ"),
          std::pair(Compression::kZstd, "RD_ZSTD"), std::pair(Compression::kLz4, "RD_LZ4")}) {
        machine.set_config(kEverything);
        const std::string image = compress(compression, plain).value_or("");
        CHECK(machine.judge(image).problems == "");
        machine.set_config(without(symbol));
        CHECK(machine.judge(image).says("kernel 6.1.0-test cannot unpack " +
                                        std::string(name_of(compression)) +
                                        ", which the image has at byte 0"));
        CHECK(machine.judge(plain).problems == "");
    }
}

TEST_CASE("proof: modules of another kernel, or built otherwise, are an error") {
    const Machine machine;
    KernelRecipe other;
    other.version = "6.2.0-test";
    machine.set_kernel(other);
    CHECK(machine.judge_plain().says(
        "error: the image has no modules of kernel 6.2.0-test, only of 6.1.0-test"));
    other = {};
    other.flags = "SMP preempt mod_unload ";
    machine.set_kernel(other);
    CHECK(machine.judge_plain().says(
        "/kernel/b.ko has the version magic '6.1.0-test SMP mod_unload ', and the kernel "
        "'6.1.0-test SMP preempt mod_unload '"));
}

TEST_CASE("proof: a filesystem without a driver is an error, and says why") {
    const Machine machine;
    const auto mounts = [](const std::string& type) {
        return "modules b\nmount /dev/vda /newroot type=" + type + "\nswitch_root /newroot\n";
    };
    CHECK(machine.judge(machine.image(mounts("ext4"))).problems == "");
    Machine::Verdict verdict = machine.judge(machine.image(mounts("xfs")));
    CHECK(verdict.says("error: kernel 6.1.0-test has no driver of the filesystem 'xfs' (line 2)"));
    CHECK(verdict.says("it is a module (CONFIG_XFS_FS=m in "));
    verdict = machine.judge(machine.image(mounts("btrfs")));
    CHECK(verdict.says("it is built without (CONFIG_BTRFS_FS is not set in "));
    verdict = machine.judge(machine.image(mounts("strangefs")));
    CHECK(verdict.problems == "");
    CHECK(verdict.leaves("the kernel has the filesystem 'strangefs' (line 2) built in"));
}

TEST_CASE("proof: a filesystem that is left open has a driver somewhere") {
    const Machine machine;
    const std::string image =
        machine.image("modules b\nmount /dev/vda /newroot\nswitch_root /newroot\n");
    Machine::Verdict verdict = machine.judge(image);
    CHECK(verdict.problems == "");
    CHECK(verdict.leaves("the filesystem that is found has a driver (line 2), one of: ext4\n"));
    std::string config = kEverything;
    config.replace(config.find("CONFIG_EXT4_FS=y"), 16, "CONFIG_EXT4_FS=m");
    machine.set_config(config);
    machine.write("lib/modules/6.1.0-test/modules.builtin", "");
    verdict =
        machine.judge(machine.image("modules b\nmount /dev/vda /newroot\nswitch_root /newroot\n"));
    CHECK(
        verdict.says("warning: neither kernel 6.1.0-test nor the image has a driver of a disk's "
                     "filesystem (line 2)"));
    CHECK(!verdict.leaves("the filesystem that is found"));
}

TEST_CASE("proof: an image without modules fits a kernel that has all built in") {
    const Machine machine;
    ImageRequest request = machine.request(
        "modules virtio_blk\nmount /dev/vda /newroot type=ext4\n"
        "switch_root /newroot\n");
    request.modules = "none";
    const std::string image = Built(request).bytes();
    CHECK(machine.judge(image).says("no driver of the module 'virtio_blk' (line 1)"));
    machine.set_config(std::string(kEverything) + "CONFIG_VIRTIO_BLK=y\n");
    CHECK(machine.judge(image).problems == "");
    machine.set_config(kEverything);
    machine.write("lib/modules/6.1.0-test/modules.builtin",
                  "kernel/drivers/block/virtio_blk.ko\nkernel/fs/ext4/ext4.ko\n");
    CHECK(machine.judge(image).problems == "");
}

TEST_CASE("proof: a kernel whose config is nowhere leaves more open") {
    const Machine machine;
    machine.set_config("");
    const Machine::Verdict verdict = machine.judge_plain();
    CHECK(verdict.problems == "");
    CHECK(
        verdict.leaves("  1. the kernel unpacks the image and has what /init needs: its config is "
                       "neither in it nor beside it as config-6.1.0-test\n"));
    KernelRecipe recipe;
    recipe.config = without("SYSFS");
    machine.set_kernel(recipe);
    CHECK(machine.judge_plain().says("cannot mount sysfs on /sys"));
}

TEST_CASE("proof: modules without a signature, for a kernel that demands one") {
    const Machine machine;
    machine.set_config(std::string(kEverything) + "CONFIG_MODULE_SIG_FORCE=y\n");
    CHECK(machine.judge_plain().says(
        "error: kernel 6.1.0-test refuses modules without a signature (CONFIG_MODULE_SIG_FORCE=y"));
}

TEST_CASE("proof: the built-in config of an image without one is what is looked at") {
    const Machine machine;
    machine.write("lib/modules/6.1.0-test/modules.builtin",
                  "kernel/fs/ext4/ext4.ko\nkernel/drivers/md/dm-crypt.ko\n");
    const Machine::Verdict verdict = machine.judge(machine.image(""));
    CHECK(verdict.problems == "");
    CHECK(verdict.leaves("'modules auto' takes what is there"));
    CHECK(verdict.leaves("${cmdline.root} (line 5 of the built-in config)"));
    CHECK(verdict.leaves("one of: ext4\n"));
}

TEST_CASE("proof: of an init that is not ours nothing is known") {
    const Machine machine;
    machine.write("init", program(), 0755);
    const Machine::Verdict verdict = machine.judge_plain();
    CHECK(verdict.problems == "");
    CHECK(verdict.leaves("  2. /init finds the root: it is not prologue's\n"));
}

TEST_CASE("image: a module whose dependency is not there is an error for any kernel") {
    const Folder folder;
    folder.write("modules/6.1.0-test/kernel/b.ko",
                 module_file("6.1.0-test", std::string("depends=core-lib,a\0", 19)));
    const std::string text = checked(Built(folder.request(kPlain)).bytes());
    CHECK(text.find("error: the image has no module core_lib for kernel 6.1.0-test, which these "
                    "need: b\n") != std::string::npos);
    CHECK(text.find("error: the image has no module a for kernel") != std::string::npos);
}

}  // namespace prologue::images
