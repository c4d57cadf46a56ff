// SPDX-License-Identifier: MIT
// Whole images: from a request to bytes, and from bytes to what is wrong with them.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/command.h"
#include "images/cpio_reader.h"
#include "images/extract.h"
#include "images/tree_reader.h"
#include "tests/unit/image_folder.h"

using namespace prologue;
using namespace prologue::images;

TEST_CASE("image: the smallest one") {
    const Folder folder;
    const Built built(folder.request());
    CHECK(built.problems.text() == "");
    CHECK(built.names() == "dev proc run sbin sys dev/console dev/null init rescue sbin/modprobe ");
    CHECK(checked(built.bytes()) == "");
}

TEST_CASE("image: modules in, uncompressed, with dependencies and firmware") {
    const Folder folder;
    const Built built(folder.request("modules a fw\n" + std::string(kPlain)));
    CHECK(!built.problems.has_errors());
    CHECK(built.says("gone.bin"));
    const Entry* module = built.archive.find("lib/modules/6.1.0-test/kernel/a.ko");
    CHECK(module != nullptr);
    if (module != nullptr) CHECK(module->content == module_file("6.1.0-test"));
    CHECK(built.archive.contains("lib/modules/6.1.0-test/kernel/b.ko"));
    CHECK(built.archive.contains("lib/modules/6.1.0-test/modules.dep.bin"));
    const Entry* firmware = built.archive.find("lib/firmware/v/fw.bin");
    CHECK(firmware != nullptr);
    if (firmware != nullptr) CHECK(firmware->content == "firmware!");
    const Entry* config = built.archive.find("etc/prologue.conf");
    CHECK(config != nullptr);
    if (config != nullptr) CHECK(config->mode == 0600);
    CHECK(checked(built.bytes()) == "");
}

TEST_CASE("image: missing firmware is a warning, and with --strict nothing is written") {
    const Folder folder;
    const ImageRequest request = folder.request("modules fw\n" + std::string(kPlain));
    folder.write("out", "the old image");
    const std::string output = folder.at("out");
    const auto build = [&](bool strict) {
        std::vector<std::string> words = {"initramfs", request.config, "-o",
                                          output,      "--init",       request.init,
                                          "--modules", request.modules};
        if (strict) words.emplace_back("--strict");
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        return run_tool(arguments);
    };
    CHECK(build(true) == kExitErrors);
    CHECK(read_file(output).value_or("") == "the old image");
    CHECK(build(false) == kExitClean);
    CHECK(read_file(output).value_or("").size() > 100);
}

TEST_CASE("image: the same bytes at another time, in another folder, under another umask") {
    const Folder one;
    const std::string first = Built(one.request("modules a\n" + std::string(kPlain))).bytes();
    const mode_t old = umask(0077);
    const Folder two;
    (void)std::system(("find " + two.at("") + " -exec touch -d 2001-01-01 {} +").c_str());
    const std::string second = Built(two.request("modules a\n" + std::string(kPlain))).bytes();
    (void)umask(old);
    CHECK(first == second);
}

TEST_CASE("image: every mistake is listed") {
    const Folder folder;
    const Built built(
        folder.request("modules aa\nmodules b nothing_like_it\n"
                       "mount /dev/vda /newroot type=erofs\nswitch_root /newroot\n"));
    CHECK(built.says("boot.conf:1:9: error: kernel 6.1.0-test has no module 'aa'"));
    CHECK(built.says("did you mean 'a'?"));
    CHECK(built.says("boot.conf:2:11: error: kernel 6.1.0-test has no module 'nothing_like_it'"));
    CHECK(built.says("error: kernel 6.1.0-test has no filesystem 'erofs'"));
}

TEST_CASE("image: a module of another kernel, or none at all") {
    const Folder folder;
    CHECK(Built(folder.request("modules old\n" + std::string(kPlain)))
              .says("is built for kernel 5.10.0"));
    folder.write("modules/6.1.0-test/kernel/b.ko", "no module");
    CHECK(Built(folder.request("modules b\n" + std::string(kPlain))).says("not an ELF file"));
    (void)unlink(folder.at("modules/6.1.0-test/kernel/b.ko").c_str());
    CHECK(Built(folder.request("modules b\n" + std::string(kPlain)))
              .says("read " + real_path(folder.at("modules/6.1.0-test")).value_or("") +
                    "/kernel/b.ko: No such file"));
}

TEST_CASE("image: an init that cannot start") {
    const Folder folder;
    ImageRequest request = folder.request();
    (void)chmod(folder.at("init").c_str(), 0644);
    CHECK(Built(request).says("is not executable, so it cannot be /init"));
    folder.write("init", "hello", 0755);
    CHECK(Built(request).says("neither an ELF program nor a script"));
    folder.write("init", "#!/bin/nothing -x\n", 0755);
    CHECK(Built(request).says("the interpreter /bin/nothing"));
    request.init = folder.at("absent");
    CHECK(Built(request).says("No such file or directory (ENOENT)"));
}

TEST_CASE("image: locked") {
    const Folder folder;
    ImageRequest request = folder.request(kPlain);
    request.locked = true;
    const Built built(request);
    CHECK(!built.problems.has_errors());
    CHECK(built.archive.contains("etc/prologue.locked"));
    CHECK(!built.archive.contains("rescue"));
    CHECK(checked(built.bytes()) == "");
    folder.write("tool", program(), 0755);
    request.added = {folder.at("tool") + ":/usr/bin/busybox"};
    CHECK(Built(request).says("a locked image has no shell, and /usr/bin/busybox is one"));
}

TEST_CASE("image: added files and directories") {
    const Folder folder;
    folder.write("data/x", "1", 0640);
    folder.write("data/sub/y", "2");
    CHECK(symlink("sub/y", folder.at("data/link").c_str()) == 0);
    CHECK(link(folder.at("data/x").c_str(), folder.at("data/x2").c_str()) == 0);
    CHECK(mkfifo(folder.at("data/pipe").c_str(), 0600) == 0);
    ImageRequest request = folder.request();
    request.added = {folder.at("data") + ":/opt/data", folder.at("data/x") + ":/etc/"};
    const Built built(request);
    CHECK(built.problems.text() == "");
    const Entry* second = built.archive.find("opt/data/x2");
    CHECK(second != nullptr);
    if (second != nullptr) CHECK(built.archive.content_of(*second) == "1");
    CHECK(built.archive.contains("opt/data/link"));
    CHECK(built.archive.contains("opt/data/pipe"));
    CHECK(built.archive.contains("etc/x"));
    request.added = {folder.at("data/none") + ":/x", "y", ":/z"};
    const Built wrong(request);
    CHECK(wrong.says("data/none: No such file"));
    CHECK(wrong.says("'--add y': the destination is no absolute path"));
}

TEST_CASE("image: a dynamic program brings its libraries") {
    if (!exists("/bin/ls")) return;
    const Folder folder;
    ImageRequest request = folder.request();
    request.added = {"/bin/ls:/bin/ls"};
    const Built built(request);
    CHECK(built.problems.text() == "");
    const std::string names = built.names();
    CHECK((names.find("ld-linux") != std::string::npos ||
           names.find("ld-musl") != std::string::npos));
    CHECK(names.find("libc.") != std::string::npos);
}

TEST_CASE("image: from a directory, and a symlink that leaves it") {
    const Folder folder;
    folder.write("tree/init", program(), 0755);
    folder.write("tree/bin/tool", program(), 0755);
    CHECK(symlink("/bin/tool", folder.at("tree/good").c_str()) == 0);
    CHECK(symlink("/proc/self/mounts", folder.at("tree/mtab").c_str()) == 0);
    ImageRequest request;
    request.from = folder.at("tree");
    const Built good(request);
    CHECK(good.problems.text() == "");
    CHECK(good.names() == "bin dev bin/tool dev/console good init mtab ");
    CHECK(symlink("/etc/passwd", folder.at("tree/bad").c_str()) == 0);
    CHECK(Built(request).says("symlink /bad -> /etc/passwd leaves the tree"));
}

TEST_CASE("image: an unreadable file") {
    if (geteuid() == 0) return;  // root reads everything
    const Folder folder;
    folder.write("tree/init", program(), 0755);
    folder.write("tree/secret", "x", 0000);
    ImageRequest request;
    request.from = folder.at("tree");
    CHECK(Built(request).says("tree/secret: Permission denied (EACCES)"));
}

TEST_CASE("image: programs that the config names must be there") {
    const Folder folder;
    ImageRequest request = folder.request("exec /bin/tool now\n" + std::string(kPlain));
    CHECK(Built(request).says("error: the image has no file /bin/tool"));
    folder.write("tool", program(), 0755);
    request.added = {folder.at("tool") + ":/bin/tool"};
    CHECK(Built(request).problems.text() == "");
}

TEST_CASE("image: microcode") {
    const Folder folder;
    folder.write("amd.bin", std::string("DMA\0rest", 8));
    const Result<std::string> early = microcode_archive(folder.at("amd.bin"));
    REQUIRE_OK(early);
    CHECK(early->size() % 4 == 0);
    const ImageContents contents = read_image(*early);
    CHECK(contents.problems.text() == "");
    CHECK(contents.tree().contains("kernel/x86/microcode/AuthenticAMD.bin"));
    folder.write("cpio", *early);
    CHECK(microcode_archive(folder.at("cpio")).value_or("") == *early);
    folder.write("other", "hello");
    CHECK(!microcode_archive(folder.at("other")));
}

TEST_CASE("image: output is written in one step, mode 0600 whatever the umask") {
    const Folder folder;
    CHECK(write_output(folder.at("out"), "1", 0600));
    struct stat info = {};
    CHECK(stat(folder.at("out").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
    CHECK(!write_output(folder.at("none/out"), "1", 0600));
    CHECK(write_output("/dev/null", "1", 0600));
}

TEST_CASE("image: extraction stays in its folder") {
    const Folder folder;
    Archive evil;
    CHECK(evil.add(make_symlink("out", folder.at("outside"))));
    CHECK(evil.add(make_file("out/x", 0644, "escaped")));
    CHECK(make_directory(folder.at("outside"), 0755));
    Problems problems;
    extract_tree(evil, folder.at("inside"), problems);
    CHECK(problems.has_errors());
    CHECK(!exists(folder.at("outside/x")));
}

TEST_CASE("image: what is extracted packs to the same bytes") {
    const Folder folder;
    folder.write("tree/init", program(), 0755);
    folder.write("tree/d/x", "1", 0640);
    CHECK(link(folder.at("tree/d/x").c_str(), folder.at("tree/d/y").c_str()) == 0);
    CHECK(chmod(folder.at("tree/d").c_str(), 0555) == 0);
    Problems problems;
    Archive first;
    add_tree(folder.at("tree"), "", first, problems);
    first.finish(problems);
    extract_tree(first, folder.at("copy"), problems);
    Archive second;
    add_tree(folder.at("copy"), "", second, problems);
    second.finish(problems);
    CHECK(problems.text() == "");
    CHECK(write_cpio(first).value_or("1") == write_cpio(second).value_or("2"));
}

TEST_CASE("image: check finds what the build would have refused") {
    Archive archive;
    Problems problems;
    CHECK(archive.add(make_file("init", 0644, program())));
    CHECK(archive.add(make_file("lib/modules/6.1/x.ko", 0644, module_file("6.2"))));
    CHECK(archive.add(make_file("etc/prologue.conf", 0600, "mountt /dev/vda /x\n")));
    archive.finish(problems);
    const std::string text = checked(write_cpio(archive).value_or(""));
    for (const std::string_view wanted :
         {"/init is not executable", "/lib/modules/6.1/x.ko is built for kernel 6.2",
          "kernel 6.1 have no modules.dep.bin",
          "test.img:/etc/prologue.conf:1:1: error: unknown stage 'mountt'"}) {
        CAPTURE(wanted);
        CHECK(text.find(wanted) != std::string::npos);
    }
}
