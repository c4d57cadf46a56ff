// SPDX-License-Identifier: MIT
// Nothing here gives a module to the kernel that the tests run on.
#include "stages/kmod/kmod_loader.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <sys/utsname.h>

#include "init/base/sys_linux.h"
#include "stages/kmod/module_failure.h"

using namespace prologue;

namespace {

using namespace std::string_view_literals;
using config::CommandLine;

ModuleFormat identify(std::string_view head, std::uint64_t size) {
    return identify_module_file({reinterpret_cast<const unsigned char*>(head.data()), head.size()},
                                size);
}

// The head of an ELF64 file with `count` section headers at `offset`.
std::string elf_head(std::uint64_t offset, unsigned char count) {
    std::string head("\x7f\x45LF\x02\x01\x01"sv);
    head.resize(kModuleHeadSize);
    for (std::size_t i = 0; i < 8; ++i) head[40 + i] = static_cast<char>(offset >> (8 * i));
    head[58] = 64;
    head[60] = static_cast<char>(count);
    return head;
}

ModuleFailure failure_of(int errnum) {
    ModuleFailure failure;
    failure.requested = failure.module = "virtio_blk";
    failure.errnum = errnum;
    failure.path = "/lib/modules/6.1.0-21-amd64/kernel/drivers/block/virtio_blk.ko";
    failure.file_is_there = true;
    failure.release = "6.1.0-21-amd64";
    failure.vermagic = "6.1.0-21-amd64 SMP preempt mod_unload modversions";
    return failure;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// A /lib/modules for the running kernel, as depmod(8) makes it.
class ModuleTree {
  public:
    ModuleTree() {
        char path[] = "/tmp/prologue-modules-XXXXXX";
        root_ = mkdtemp(path);
        struct utsname names {};
        (void)uname(&names);
        release_ = names.release;
    }
    ~ModuleTree() { (void)std::system(("rm -rf '" + root_ + "'").c_str()); }
    ModuleTree(const ModuleTree&) = delete;
    ModuleTree& operator=(const ModuleTree&) = delete;

    [[nodiscard]] bool run(const std::string& script) const {
        const std::string command = "export PATH=$PATH:/sbin:/usr/sbin LC_ALL=C; R=" + root_ +
                                    " V=" + release_ + "; " + script;
        return std::system(command.c_str()) == 0;
    }
    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] const std::string& release() const { return release_; }

  private:
    std::string root_, release_;
};

}  // namespace

TEST_CASE("kmod: names read '-' and '_' alike") {
    CHECK(same_module_name("usb-storage", "usb_storage"));
    CHECK_FALSE(same_module_name("usb-storage", "usb_storage2"));
    CHECK_FALSE(same_module_name("Usb", "usb"));
}

TEST_CASE("kmod: the command line beats the parameters of a line") {
    const CommandLine command_line =
        CommandLine::parse("quiet usb-storage.delay_use=0 loop.max_loop=4 nvme.flag");
    const struct {
        std::string_view module, of_line, merged;
    } cases[] = {
        {"usb_storage", "", ""},
        {"usb_storage", "delay_use=5", ""},
        {"usb_storage", "delay-use=5 quirks=1:2:u", "quirks=1:2:u"},
        {"loop", "  max_part=8   max_loop=9 ", "max_part=8"},
        {"nvme", "flag", ""},
        {"ext4", "a=\"x y\" b", "a=\"x y\" b"},
        {"ext4", "a=\"open b", "a=\"open b"},
    };
    for (const auto& one : cases) {
        CHECK_MESSAGE(merge_parameters(one.module, one.of_line, command_line) == one.merged,
                      std::string(one.of_line));
    }
}

TEST_CASE("kmod: of a restricted command line the loader itself passes on what is left") {
    const CommandLine command_line =
        CommandLine::parse("vblk.depth=7 vblk.note=\"a b\" vblk.flag other.depth=1 vblk.steer=1")
            .restricted_to({"vblk.depth", "vblk.note", "vblk.flag", "other.depth"});
    CHECK(merge_parameters("vblk", "depth=3 own=1", command_line) ==
          "depth=7 note=\"a b\" flag own=1");
    CHECK(merge_parameters("third", "depth=3", command_line) == "depth=3");
}

TEST_CASE("kmod: blacklists of the command line") {
    const CommandLine command_line = CommandLine::parse(
        "module_blacklist=nouveau,usb-storage module_blacklist=,pcspkr module_blacklist");
    CHECK(command_line_lists(command_line, "module_blacklist", "nouveau"));
    CHECK(command_line_lists(command_line, "module_blacklist", "usb_storage"));
    CHECK(command_line_lists(command_line, "module_blacklist", "pcspkr"));
    CHECK_FALSE(command_line_lists(command_line, "module_blacklist", "usb"));
    CHECK_FALSE(command_line_lists(command_line, "modprobe.blacklist", "nouveau"));
}

TEST_CASE("kmod: what a module file is") {
    CHECK(identify("\x28\xb5\x2f\xfd rest"sv, 4000) == ModuleFormat::kZstd);
    CHECK(identify("\xfd\x37\x7aXZ\0"sv, 4000) == ModuleFormat::kXz);
    CHECK(identify("\x1f\x8b\x08"sv, 4000) == ModuleFormat::kGzip);
    CHECK(identify("hello, world"sv, 12) == ModuleFormat::kUnknown);
    CHECK(identify(""sv, 0) == ModuleFormat::kEmpty);
    CHECK(identify("\x7f\x45LF\x02"sv, 5) == ModuleFormat::kTruncated);
    CHECK(identify(elf_head(1000, 10), 1640) == ModuleFormat::kElf);
    CHECK(identify(elf_head(1000, 10), 1639) == ModuleFormat::kTruncated);
    CHECK(identify(elf_head(~0ULL - 8, 10), 4000) == ModuleFormat::kTruncated);
}

TEST_CASE("kmod: each failure has its own words") {
    ModuleFailure failure = failure_of(ENOEXEC);
    failure.vermagic = "6.1.0-18-cloud-amd64 SMP preempt mod_unload modversions";
    CHECK(has(explain_module_failure(failure)->detail,
              "was built for kernel 6.1.0-18-cloud-amd64, this kernel is 6.1.0-21-amd64"));
    failure.format = ModuleFormat::kXz;
    CHECK(has(explain_module_failure(failure)->detail, "is compressed"));
    failure.format = ModuleFormat::kTruncated;
    CHECK(has(explain_module_failure(failure)->detail, "truncated"));

    CHECK(has(explain_module_failure(failure_of(ENOEXEC))->detail, "vermagic"));
    CHECK(has(explain_module_failure(failure_of(ENOENT))->detail, "unknown symbol"));
    CHECK(has(explain_module_failure(failure_of(EKEYREJECTED))->detail, "signature"));
    CHECK(has(explain_module_failure(failure_of(EPERM))->detail, "lockdown"));
    CHECK(has(explain_module_failure(failure_of(EINVAL))->detail, "parameter"));
    CHECK(has(explain_module_failure(failure_of(ENODEV))->detail, "found nothing"));
    CHECK(explain_module_failure(failure_of(ENOSYS))->errnum == ENOSYS);

    for (const int errnum : {EKEYREJECTED, EPERM}) {
        failure = failure_of(errnum);
        failure.is_signed = false;
        CHECK(has(explain_module_failure(failure)->detail, "it has no signature, and "));
        CHECK(has(explain_module_failure(failure)->hint, "'--unsigned-modules'"));
    }

    failure = failure_of(EPERM);
    failure.is_blacklisted = true;
    CHECK(has(explain_module_failure(failure)->detail, "module_blacklist="));

    failure = failure_of(ENOENT);
    failure.file_is_there = false;
    CHECK(explain_module_failure(failure)->kind == ErrorKind::kNotFound);
    CHECK(has(explain_module_failure(failure)->detail, "virtio_blk.ko is missing"));
}

TEST_CASE("kmod: a dependency that failed is named") {
    ModuleFailure failure = failure_of(EKEYREJECTED);
    failure.module = "virtio_ring";
    const Error error = explain_module_failure(failure);
    CHECK(error->object == "virtio_blk");
    CHECK(has(error->detail, "'virtio_ring'"));
    for (const int errnum : {ENOENT, ENOEXEC, EPERM, EINVAL, ENOMEM, ENODEV, EIO}) {
        failure.errnum = errnum;
        const Error each = explain_module_failure(failure);
        CHECK(has(each->detail, "virtio_ring"));
        CHECK_FALSE(each->hint.empty());
    }
}

TEST_CASE("kmod: a module that is not there") {
    const Error known = explain_missing_module("vrtio_blk", "6.1.0-21-amd64", true, {"5.10.0"});
    CHECK(known->kind == ErrorKind::kNotFound);
    CHECK(has(known->detail, "6.1.0-21-amd64"));
    CHECK_FALSE(has(known->detail, "5.10.0"));
    const Error other = explain_missing_module("ext4", "6.1.0-21-amd64", false, {"5.10.0"});
    CHECK(has(other->detail, "only for 5.10.0"));
}

TEST_CASE("kmod: looking modules up in a tree") {
    const ModuleTree tree;
    // depmod takes any ELF file; this one has an alias. The builtin list needs no file.
    if (!tree.run("command -v depmod >/dev/null && command -v cc >/dev/null")) {
        MESSAGE("SKIPPED: depmod or cc is not installed");
        return;
    }
    REQUIRE(tree.run(
        "D=$R/lib/modules/$V; mkdir -p $D/kernel && cd $D && echo kernel/built_thing.ko "
        ">modules.builtin"
        " && : >modules.order && printf '%s\\n' "
        "'__attribute__((section(\".modinfo\"))) const char a[] = \"alias=pci:v00001AF4d*\";' |"
        " cc -x c -c - -o kernel/my-driver.ko && depmod -b $R $V"));
    LinuxSys sys;
    KmodLoader loader(sys, CommandLine(), tree.root());
    CHECK(loader.is_available("my_driver"));
    CHECK(loader.is_available("my-driver"));
    CHECK(loader.is_available("pci:v00001AF4d00001001sv0"));
    CHECK_FALSE(loader.is_available("pci:v00001AF5d00001001sv0"));
    CHECK(loader.is_available("built-thing"));
    CHECK(loader.load("built_thing", "").has_value());
    const auto missing = loader.load("no_such_module", "");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error()->kind == ErrorKind::kNotFound);
    CHECK(has(missing.error()->detail, "no such module for kernel " + tree.release()));
}

TEST_CASE("kmod: an alias of a module that the command line blacklists loads nothing") {
    const ModuleTree tree;
    if (!tree.run("command -v depmod >/dev/null && command -v cc >/dev/null")) {
        MESSAGE("SKIPPED: depmod or cc is not installed");
        return;
    }
    REQUIRE(tree.run(
        "D=$R/lib/modules/$V; mkdir -p $D/kernel && cd $D && : >modules.builtin && : >modules.order"
        " && printf '%s\\n' "
        "'__attribute__((section(\".modinfo\"))) const char a[] = \"alias=fs-prologue\";' |"
        " cc -x c -c - -o kernel/prologue-test.ko && depmod -b $R $V"));
    LinuxSys sys;
    KmodLoader loader(sys, CommandLine::parse("module_blacklist=prologue-test"), tree.root());
    CHECK(loader.load("fs-prologue", "").has_value());
}

TEST_CASE("kmod: an image without modules, and with those of another kernel") {
    const ModuleTree tree;
    LinuxSys sys;
    KmodLoader loader(sys, CommandLine(), tree.root());
    const auto none = loader.load("prologue_no_such", "");
    REQUIRE_FALSE(none.has_value());
    CHECK(has(none.error()->detail, "no modules for this kernel"));
    CHECK_FALSE(loader.is_available("prologue_no_such"));
    REQUIRE(tree.run("mkdir -p $R/lib/modules/1.2.3-other"));
    const auto other = loader.load("prologue_no_such", "");
    REQUIRE_FALSE(other.has_value());
    CHECK(has(other.error()->detail, "only for 1.2.3-other"));
    CHECK_FALSE(loader.load("a[b", "").has_value());
}
