// SPDX-License-Identifier: MIT
// Signatures of modules: taking them off, and what a kernel's config says of modules without one.
#include "images/module_signature.h"

#include <string>
#include <vector>

#include "stages/kmod/module_failure.h"
#include "tests/unit/image_folder.h"

using namespace prologue;
using namespace prologue::images;

namespace {

using namespace std::string_literals;

constexpr unsigned char kPkcs7 = 2;

std::string trailer(unsigned length, unsigned char type = kPkcs7) {
    std::string text("\0\0\0\0\0\0\0\0"s);
    text[2] = static_cast<char>(type);
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(length >> shift);
    return text + kModuleSignatureMark.str();
}

std::string with_signature(const std::string& module) {
    return module + "the message" + trailer(11);
}

std::string bare(const std::string& module) {
    const Result<std::string_view> result = without_signature(module);
    return result ? std::string(*result) : "error: " + result.error()->detail;
}

std::string content_of(const Archive& archive, const std::string& name) {
    const Entry* entry = archive.find("lib/modules/6.1.0-test/kernel/" + name);
    return entry == nullptr ? "not there" : entry->content;
}

// The modules of the folder, signed as they lie on disk; one of them is stored compressed.
class SignedFolder : public Folder {
  public:
    SignedFolder() {
        const std::string module = with_signature(module_file("6.1.0-test"));
        write("lib/modules/6.1.0-test/modules.dep",
              "kernel/a.ko.xz: kernel/b.ko\nkernel/b.ko:\nkernel/z.ko.zst:\n");
        write("lib/modules/6.1.0-test/modules.alias", "");
        write("lib/modules/6.1.0-test/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
        write("lib/modules/6.1.0-test/kernel/a.ko.xz", compress_xz(module).value_or(""));
        write("lib/modules/6.1.0-test/kernel/b.ko", module);
        write("lib/modules/6.1.0-test/kernel/z.ko.zst",
              compress(Compression::kZstd, module).value_or(""));
    }
    [[nodiscard]] Built build(Signatures signatures) const {
        ImageRequest all = request("modules a z\n"s + kPlain);
        all.modules = at("lib/modules/6.1.0-test");
        all.signatures = signatures;
        return Built(all);
    }
};

struct Named {
    const char* file;
    const char* line;
    const char* problem;  // empty: none
};
constexpr Named kConfigs[] = {
    {"boot/config-6.1.0-test", "CONFIG_MODULE_SIG_FORCE=y",
     "error: kernel 6.1.0-test refuses modules without a signature (CONFIG_MODULE_SIG_FORCE=y in "},
    {"lib/modules/6.1.0-test/config", "CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y",
     "error: kernel 6.1.0-test refuses modules without a signature (CONFIG_LOCK_DOWN_KERNEL_FORCE"},
    {"boot/config-6.1.0-test", "CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY=y",
     "error: kernel 6.1.0-test refuses modules without a signature (CONFIG_LOCK_DOWN_KERNEL_FORCE"},
    {"boot/config-6.1.0-test", "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT=y",
     "warning: kernel 6.1.0-test refuses modules without a signature under Secure Boot (CONFIG_"},
    {"boot/config-6.1.0-test", "# CONFIG_MODULE_SIG_FORCE is not set", ""},
    {"boot/config-6.1.0-other", "CONFIG_MODULE_SIG_FORCE=y", ""},
};

}  // namespace

TEST_CASE("signature: taken off, however many there are") {
    CHECK(bare("module") == "module");
    CHECK(bare("").empty());
    CHECK(bare(with_signature("module")) == "module");
    CHECK(bare(with_signature(with_signature("module"))) == "module");
    CHECK(bare(with_signature("module") + "\n") == with_signature("module") + "\n");
    CHECK(bare("module" + trailer(0)) == "module");
}

TEST_CASE("signature: a trailer is not believed") {
    CHECK(bare(kModuleSignatureMark.str()) == "error: its trailer is cut off");
    CHECK(bare(trailer(1).substr(1)) == "error: its trailer is cut off");
    const std::string longer = "error: it claims to be longer than the module";
    CHECK(bare(trailer(0)) == longer);
    CHECK(bare("module" + trailer(6)) == longer);
    CHECK(bare("module" + trailer(5)) == "m");
    CHECK(bare("module" + trailer(0xffffffff)) == longer);
    CHECK(bare("module" + trailer(3, 1)) == "error: it is no PKCS#7 message");
    for (const std::size_t at : {0U, 1U, 3U, 4U, 5U, 6U, 7U}) {
        std::string module = with_signature("module");
        module[6 + 11 + at] = '\1';
        CAPTURE(at);
        CHECK(bare(module) == "error: its trailer is damaged");
    }
}

TEST_CASE("signature: modules of an image keep theirs unless it is asked to drop them") {
    const SignedFolder folder;
    const Built kept = folder.build(Signatures::kKeep);
    const Built dropped = folder.build(Signatures::kDrop);
    CHECK(kept.problems.text() == "");
    CHECK(dropped.problems.text() == "");
    for (const char* name : {"a.ko", "b.ko", "z.ko"}) {
        CAPTURE(name);
        CHECK(content_of(kept.archive, name) == with_signature(module_file("6.1.0-test")));
        CHECK(content_of(dropped.archive, name) == module_file("6.1.0-test"));
    }
    // A list of the image must not name the signed file on disk.
    const Entry* plain = dropped.archive.find("lib/modules/6.1.0-test/kernel/b.ko");
    CHECK(plain != nullptr);
    if (plain != nullptr) CHECK(plain->origin.empty());
}

TEST_CASE("signature: a module with a broken one makes no image") {
    const SignedFolder folder;
    folder.write("lib/modules/6.1.0-test/kernel/b.ko", module_file("6.1.0-test") + trailer(99999));
    for (const Signatures signatures : {Signatures::kKeep, Signatures::kDrop}) {
        const Built built = folder.build(signatures);
        CHECK(built.says("b.ko: it claims to be longer than the module"));
    }
    Archive archive;
    CHECK(archive.add(make_file("lib/modules/6.1.0-test/b.ko", 0644,
                                module_file("6.1.0-test") + trailer(99999))));
    Problems problems;
    archive.finish(problems);
    CHECK(checked(write_cpio(archive).value_or(""))
              .find("/lib/modules/6.1.0-test/b.ko: it claims to be longer than the module") !=
          std::string::npos);
}

TEST_CASE("signature: a module that has none stays as it is") {
    const SignedFolder folder;
    folder.write("lib/modules/6.1.0-test/kernel/b.ko", module_file("6.1.0-test"));
    const Built built = folder.build(Signatures::kDrop);
    CHECK(built.problems.text() == "");
    CHECK(content_of(built.archive, "b.ko") == module_file("6.1.0-test"));
}

TEST_CASE("signature: what the kernel's config says of modules without") {
    for (const Named& one : kConfigs) {
        const SignedFolder folder;
        folder.write(one.file, "CONFIG_MODULES=y\n" + std::string(one.line) + "\n");
        CAPTURE(std::string(one.file));
        CAPTURE(std::string(one.line));
        CHECK(folder.build(Signatures::kKeep).problems.text() == "");
        const Built built = folder.build(Signatures::kDrop);
        CHECK(built.problems.empty() == std::string(one.problem).empty());
        CHECK(built.says(one.problem));
        CHECK(built.problems.has_errors() == std::string(one.problem).starts_with("error"));
        if (!built.problems.empty()) CHECK(built.says(folder.at(one.file) + "): b, a, z\n"));
    }
}

TEST_CASE("signature: modules on disk that the kernel will not take") {
    const SignedFolder folder;
    folder.write("boot/config-6.1.0-test", "CONFIG_MODULE_SIG_FORCE=y\n");
    folder.write("lib/modules/6.1.0-test/kernel/b.ko", module_file("6.1.0-test"));
    const Result<ModuleTree> tree = ModuleTree::open(folder.at("lib/modules/6.1.0-test"));
    REQUIRE_OK(tree);
    Closure closure(*tree);
    CHECK(closure.add("a"));
    Problems problems;
    check_unsigned_files(*tree, closure, problems);
    CHECK(problems.has_errors());
    CHECK(problems.text().find("): b\n") != std::string::npos);
}

TEST_CASE("signature: check finds the modules of an image that have none") {
    const SignedFolder folder;
    const auto found = [&folder](Signatures signatures) {
        Problems problems;
        const ImageModules all =
            check_image("test.img", folder.build(signatures).bytes(), problems).modules;
        CHECK(problems.text() == "");
        CHECK(all.size() == 1);
        const auto of_version = all.find("6.1.0-test");
        return of_version == all.end() ? "no version"s
                                       : some_of(unsigned_names(of_version->second));
    };
    CHECK(found(Signatures::kKeep).empty());
    CHECK(found(Signatures::kDrop) == "a, b, z");
}

TEST_CASE("signature: names in a message") {
    CHECK(some_of({}).empty());
    CHECK(some_of({"a"}) == "a");
    CHECK(some_of({"a", "b", "c"}) == "a, b, c");
    CHECK(some_of({"a", "b", "c", "d", "e"}) == "a, b, c and 2 more");
}
