// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <string>
#include <vector>

#include "images/cpio_reader.h"
#include "images/cpio_writer.h"
#include "images/host.h"
#include "tests/unit/image_folder.h"
#include "tests/unit/test.h"

using namespace prologue;
using namespace prologue::images;

namespace {

Entry hard_link(std::string path, std::uint32_t group, std::string content) {
    Entry entry = make_file(std::move(path), 0644, std::move(content));
    entry.link_group = group;
    return entry;
}

// One of everything.
Archive sample() {
    Entry pipe = make_file("run/pipe", 0622, "");
    pipe.kind = EntryKind::kPipe;
    Entry socket = make_file("run/sock", 0755, "");
    socket.kind = EntryKind::kSocket;
    Entry owned = make_file("etc/owned", 04751, "mine\n");
    owned.uid = 1000;
    owned.gid = 100;
    return finished({make_file("init", 0755, "#!/bin/x\n"), make_symlink("bin", "usr/bin"),
                     make_node("dev/console", EntryKind::kCharacter, 0600, 5, 1),
                     make_node("dev/vda", EntryKind::kBlock, 0660, 254, 0), std::move(pipe),
                     std::move(socket), std::move(owned), hard_link("usr/bin/a", 1, "linked\n"),
                     hard_link("usr/bin/b", 1, ""), make_file("empty", 0400, "")});
}

std::string cpio_of(const Archive& archive) {
    return write_cpio(archive).value_or("");
}

// The whole of an image in words.
std::string shown(const ImageContents& contents) {
    std::string text;
    for (const ImageEntry& one : contents.entries) {
        const Entry& entry = one.entry;
        text += std::string(name_of(entry.kind)) + " " + entry.path + " " +
                std::to_string(entry.mode) + " " + std::to_string(entry.uid) + ":" +
                std::to_string(entry.gid) + " " + std::to_string(entry.major) + "," +
                std::to_string(entry.minor) + " x" + std::to_string(one.links) + " " +
                entry.content + "\n";
    }
    return text;
}

std::string output_of(const std::string& command, const std::string& image) {
    char folder[] = "/tmp/prologue-cpio-XXXXXX";
    const std::string base = mkdtemp(folder);
    (void)write_output(base + "/in", image, 0600);
    (void)std::system(("cd " + base + " && " + command + " < in > out 2> err").c_str());
    std::string out = read_file(base + "/out").value_or("?");
    (void)std::system(("rm -rf " + base).c_str());
    return out;
}

bool says(const ImageContents& contents, std::string_view text) {
    return contents.problems.text().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("cpio: what is written is read") {
    const ImageContents contents = read_image(cpio_of(sample()));
    CHECK(contents.problems.text() == "");
    CHECK(shown(contents) ==
          "directory dev 493 0:0 0,0 x2 \n"
          "directory etc 493 0:0 0,0 x2 \n"
          "directory run 493 0:0 0,0 x2 \n"
          "directory usr 493 0:0 0,0 x2 \n"
          "directory usr/bin 493 0:0 0,0 x2 \n"
          "symlink bin 511 0:0 0,0 x1 usr/bin\n"
          "character device dev/console 384 0:0 5,1 x1 \n"
          "block device dev/vda 432 0:0 254,0 x1 \n"
          "file empty 256 0:0 0,0 x1 \n"
          "file etc/owned 2537 1000:100 0,0 x1 mine\n\n"
          "file init 493 0:0 0,0 x1 #!/bin/x\n\n"
          "pipe run/pipe 402 0:0 0,0 x1 \n"
          "socket run/sock 493 0:0 0,0 x1 \n"
          "file usr/bin/a 420 0:0 0,0 x2 \n"
          "file usr/bin/b 420 0:0 0,0 x2 linked\n\n");
}

TEST_CASE("cpio: inode numbers count from one, times are zero, the length is a multiple of 512") {
    const std::string cpio = cpio_of(sample());
    CHECK(cpio.size() % 512 == 0);
    CHECK(cpio.substr(0, 14) == "07070100000001");
    CHECK(cpio.substr(46, 8) == "00000000");
}

TEST_CASE("cpio: the order of adding does not matter") {
    const auto one = finished({make_file("b", 0644, "2"), make_file("a/x", 0644, "1")});
    const auto two = finished({make_file("a/x", 0644, "1"), make_file("/./b", 0644, "2")});
    CHECK(cpio_of(one) == cpio_of(two));
}

TEST_CASE("cpio: the outside tools agree") {
    if (std::system("command -v cpio > /dev/null") != 0) return;
    CHECK(output_of("cpio -t --quiet", cpio_of(sample())) ==
          "dev\netc\nrun\nusr\nusr/bin\nbin\ndev/console\ndev/vda\nempty\netc/owned\ninit\n"
          "run/pipe\nrun/sock\nusr/bin/a\nusr/bin/b\n");
    CHECK(output_of("cpio -i --quiet --to-stdout usr/bin/b", cpio_of(sample())) == "linked\n");
}

TEST_CASE("cpio: hard links of an archive keep their content in the tree") {
    const Archive tree = read_image(cpio_of(sample())).tree();
    const Entry* first = tree.find("usr/bin/a");
    CHECK(first != nullptr);
    if (!(first != nullptr)) return;
    CHECK(tree.content_of(*first) == "linked\n");
}

TEST_CASE("cpio: cut off at every byte is said, never a crash") {
    const std::string cpio = cpio_of(sample());
    const std::size_t content = cpio.find("TRAILER!!!") + 11;
    for (std::size_t size = 0; size < content; ++size) {
        CAPTURE(size);
        CHECK(!read_image(std::string_view(cpio).substr(0, size)).problems.empty());
    }
}

TEST_CASE("cpio: cut off inside every compression") {
    for (const Compression compression :
         {Compression::kGzip, Compression::kZstd, Compression::kXz, Compression::kLz4}) {
        const std::string image = compress(compression, cpio_of(sample())).value_or("");
        CHECK(read_image(image).problems.text() == "");
        CHECK(shown(read_image(image)) == shown(read_image(cpio_of(sample()))));
        for (std::size_t size = 1; size < image.size(); ++size) {
            CAPTURE(size);
            CHECK(!read_image(std::string_view(image).substr(0, size)).problems.empty());
        }
    }
}

TEST_CASE("cpio: any byte may be wrong") {
    const std::string cpio = cpio_of(sample());
    for (std::size_t at = 0; at < cpio.size(); ++at) {
        std::string damaged = cpio;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x31);
        (void)read_image(damaged).tree();
    }
    CHECK(true);  // the sanitizers are the check
}

TEST_CASE("cpio: joined archives are one image, and later entries win") {
    const std::string early =
        cpio_of(finished({make_file("kernel/x86/microcode/GenuineIntel.bin", 0644, "ucode")}));
    const std::string main =
        compress_gzip(cpio_of(finished({make_file("init", 0755, "old")}))).value_or("");
    const std::string extra =
        compress_xz(cpio_of(finished({make_file("init", 0700, "new")}))).value_or("");
    const ImageContents contents = read_image(early + main + std::string(7, '\0') + extra);
    CHECK(contents.problems.text() == "");
    CHECK(contents.parts.size() == 3);
    if (!(contents.parts.size() == 3)) return;
    CHECK(contents.parts[1].compression == Compression::kGzip);
    CHECK(contents.parts[1].offset == early.size());
    CHECK(contents.parts[2].offset == early.size() + main.size() + 7);
    const Archive tree = contents.tree();
    CHECK(tree.find("init") != nullptr);
    if (!(tree.find("init") != nullptr)) return;
    CHECK(tree.find("init")->content == "new");
    CHECK(tree.find("kernel/x86/microcode/GenuineIntel.bin") != nullptr);
}

TEST_CASE("cpio: a second archive that is not aligned is an error with its place") {
    const std::string one = cpio_of(finished({make_file("a", 0644, "1")}));
    const ImageContents plain = read_image(one + std::string(4, '\0') + one);
    CHECK(plain.problems.text() == "");
    const ImageContents shifted = read_image(one + std::string(2, '\0') + one);
    CHECK(says(shifted, "multiple of 4, at byte 514"));
    const ImageContents packed =
        read_image(one + std::string(1, '\0') + compress_gzip(one).value_or(""));
    CHECK(says(packed, "multiple of 4, at byte 513"));
}

TEST_CASE("cpio: an entry before its directory is an error") {
    const std::string whole = cpio_of(finished({make_file("a/b", 0644, "1")}));
    // Without the first entry, which is the directory: 110 bytes of header, "a", padding.
    const ImageContents contents = read_image(std::string_view(whole).substr(112));
    CHECK(says(contents, "/a/b stands before its directory /a"));
}

TEST_CASE("cpio: microcode needs no directories") {
    const std::string whole =
        cpio_of(finished({make_file("kernel/x86/microcode/AuthenticAMD.bin", 0644, "1")}));
    const std::size_t start = whole.find("kernel/x86/microcode/AuthenticAMD.bin") - 110;
    CHECK(read_image(std::string_view(whole).substr(start)).problems.text() == "");
}

TEST_CASE("cpio: a missing trailer is a warning") {
    const std::string whole = cpio_of(finished({make_file("a", 0644, "1234")}));
    const ImageContents contents =
        read_image(std::string_view(whole).substr(0, whole.find("TRAILER!!!") - 110));
    CHECK(!contents.problems.has_errors());
    CHECK(says(contents, "without its TRAILER!!!"));
}

TEST_CASE("cpio: other formats are named") {
    CHECK(says(read_image("070707aaaaaaaaaaaa"), "old cpio format"));
    CHECK(says(read_image("BZh91AY&SY"), "bzip2"));
    CHECK(says(read_image("hello"), "neither a cpio archive"));
    CHECK(says(read_image(""), "empty"));
}

TEST_CASE("cpio: '..' and absolute names of an image are not obeyed") {
    std::string cpio = cpio_of(finished({make_file("aa/b", 0644, "1")}));
    for (std::size_t at = cpio.find("aa"); at != std::string::npos; at = cpio.find("aa", at + 1))
        cpio.replace(at, 2, "..");
    const ImageContents contents = read_image(cpio);
    CHECK(contents.problems.has_errors());
    CHECK(contents.entries.empty());
}

TEST_CASE("cpio: an entry for the root is a directory") {
    std::string image = cpio_of(finished({make_file("a", 0644, "x")}));
    const std::size_t name = image.find("a", 110);
    REQUIRE(name != std::string::npos);
    image[name] = '.';
    CHECK(read_image(image).problems.text().find("entry for the root is no directory") !=
          std::string::npos);
    Archive archive;
    CHECK(archive.add(make_directory_entry("/")).has_value());
    CHECK_FALSE(archive.add(make_file("/", 0644, "x")).has_value());
}

TEST_CASE("archive: the same path twice") {
    Archive archive;
    CHECK(archive.add(make_file("a", 0644, "1")));
    CHECK(archive.add(make_file("/a", 0644, "1")));
    CHECK(!archive.add(make_file("a", 0644, "2")));
    CHECK(!archive.add(make_symlink("a", "b")));
    CHECK(archive.add(make_directory_entry("d", 0700)));
    CHECK(!archive.add(make_directory_entry("d", 0755)));
}

TEST_CASE("archive: entries below a symlink go where it leads") {
    Archive archive;
    Problems problems;
    CHECK(archive.add(make_symlink("lib64", "usr/lib64")));
    CHECK(archive.add(make_file("lib64/x", 0644, "1")));
    CHECK(archive.add(make_symlink("loop", "loop")));
    archive.finish(problems);
    CHECK(problems.text() == "");
    CHECK(archive.find("usr/lib64/x") != nullptr);
    CHECK(archive.find("lib64/x") == nullptr);
    CHECK(archive.resolve("/lib64/x") == "usr/lib64/x");
    CHECK(archive.resolve("loop") == "");
    CHECK(archive.resolve("../../lib64") == "usr/lib64");
}

TEST_CASE("archive: a file cannot be a directory too") {
    Archive archive;
    Problems problems;
    CHECK(archive.add(make_file("a", 0644, "1")));
    CHECK(archive.add(make_file("a/b", 0644, "1")));
    archive.finish(problems);
    CHECK(problems.text() == "prologue: error: /a/b: /a is a file, not a directory\n");
}

TEST_CASE("cpio: what is wrong with an image does not steer the terminal") {
    Problems problems;
    problems.error("/a\x1b[2J\xff is wrong", "not \x07this");
    CHECK(problems.text() == "prologue: error: /a?[2J? is wrong\n  hint: not ?this\n");
}
