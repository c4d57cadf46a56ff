// SPDX-License-Identifier: MIT
// The tree of the smallest root.
#include <string>

#include <sys/stat.h>

#include "images/cpio_reader.h"
#include "images/ext2_writer.h"
#include "images/minroot.h"
#include "tests/unit/image_folder.h"

using namespace prologue;
using namespace prologue::images;

namespace {

struct Root : Tree {
    explicit Root(const MinrootRequest& request) { archive = build_minroot(request, problems); }
    [[nodiscard]] std::string bytes() const {
        const Result<Ext2Image> image = write_ext2(archive, kMinrootSize, kMinrootLabel);
        return image ? image->bytes : describe(image.error());
    }
};

MinrootRequest request_in(const Folder& folder, const std::string& config = {}) {
    MinrootRequest request;
    request.init = folder.at("init");
    if (config.empty()) return request;
    folder.write("root.conf", config);
    request.config = folder.at("root.conf");
    return request;
}

}  // namespace

TEST_CASE("minroot: the smallest one") {
    const Folder folder;
    const Root root(request_in(folder));
    CHECK(root.problems.text() == "");
    CHECK(root.names() == "dev etc proc run sbin sys dev/console dev/null sbin/init ");
    const Entry* init = root.archive.find("sbin/init");
    CHECK(init != nullptr);
    if (init != nullptr) CHECK(init->mode == 0755);
}

TEST_CASE("minroot: with a config, a program and modules") {
    const Folder folder;
    MinrootRequest request = request_in(folder, "modules b\nexec /bin/tool\npoweroff\n");
    const Root alone(request);
    CHECK(alone.says("root.conf:1:9: warning: the image has no modules at all"));
    CHECK(alone.says("error: the image has no file /bin/tool"));
    request.added = {folder.at("init") + ":/bin/tool",
                     folder.at("modules/6.1.0-test") + ":/lib/modules/6.1.0-test"};
    const Root root(request);
    CHECK(root.problems.text() == "");
    const Entry* config = root.archive.find("etc/prologue.conf");
    CHECK(config != nullptr);
    if (config != nullptr) CHECK(config->mode == 0600);
    const Entry* modprobe = root.archive.find("sbin/modprobe");
    CHECK(modprobe != nullptr);
    if (modprobe != nullptr) CHECK(modprobe->content == "init");
}

TEST_CASE("minroot: what cannot work is refused") {
    const Folder folder;
    const Root switching(
        request_in(folder, "mount /dev/vda /newroot type=ext4\nswitch_root /newroot\n"));
    CHECK(
        switching.says("root.conf:2:1: error: this is the real root: there is none to switch to"));
    CHECK(Root(request_in(folder, "powerof\n")).says("root.conf:1:1: error: unknown stage"));
    folder.write("init", "hello", 0755);
    CHECK(Root(request_in(folder)).says("/sbin/init is neither an ELF program nor a script"));
    folder.write("init", "#!/bin/sh\n", 0755);
    CHECK(Root(request_in(folder)).says("/sbin/init wants the interpreter /bin/sh"));
    CHECK(
        Root(request_in(folder)).says("Starting init: /sbin/init exists but couldn't execute it"));
    MinrootRequest request = request_in(folder);
    request.init = folder.at("absent");
    CHECK(Root(request).says("absent: No such file or directory (ENOENT)"));
}

TEST_CASE("minroot: the same bytes at another time, in another folder, under another umask") {
    const Folder one;
    const std::string first = Root(request_in(one, "poweroff\n")).bytes();
    const mode_t old = umask(0077);
    const Folder two;
    (void)std::system(("find " + two.at("") + " -exec touch -d 2001-01-01 {} +").c_str());
    const std::string second = Root(request_in(two, "poweroff\n")).bytes();
    (void)umask(old);
    CHECK(first.size() == kMinrootSize);
    CHECK(first == second);
}

TEST_CASE("minroot: where an initramfs is looked for, it is called what it is") {
    const Folder folder;
    const std::string image = Root(request_in(folder)).bytes();
    CHECK(looks_like_image(image));
    CHECK(checked(image).starts_with("prologue: error: a filesystem (ext2, ext3 or ext4)"));
    CHECK(!looks_like_ext2(image.substr(0, 1080)));
    CHECK(!looks_like_ext2(""));
    Archive archive;
    CHECK(archive.add(make_file("f", 0644, std::string(2000, 'x'))));
    std::string cpio = write_cpio(archive).value_or("");
    cpio.replace(1080, 2, "\x53\xef");
    CHECK(read_image(cpio).problems.text() == "");
}
