// SPDX-License-Identifier: MIT
// The ext2 writer, seen by the tools that everybody has: e2fsck(8) and debugfs(8).
#include <cstdlib>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "images/ext2_writer.h"
#include "images/minroot.h"
#include "images/uuid.h"
#include "tests/unit/image_folder.h"

using namespace prologue;
using namespace prologue::images;

namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = kKiB * 1024;

// Bytes that repeat nowhere near a block's length, so that a block in another's place is seen.
std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

bool has_e2fsprogs() {
    return std::system("PATH=$PATH:/usr/sbin:/sbin command -v e2fsck debugfs > /dev/null") == 0;
}

// One image in a folder of its own.
class OnDisk {
  public:
    explicit OnDisk(const std::string& bytes) { folder_.write("image", bytes); }
    // What e2fsck has to say against it.
    [[nodiscard]] std::string faults() const {
        const int status = std::system(("PATH=$PATH:/usr/sbin:/sbin e2fsck -fn " +
                                        folder_.at("image") + " > " + folder_.at("log") + " 2>&1")
                                           .c_str());
        return status == 0 ? "" : read_file(folder_.at("log")).value_or("no log");
    }
    [[nodiscard]] std::string debugfs(const std::string& request) const {
        (void)std::system(("PATH=$PATH:/usr/sbin:/sbin debugfs -R '" + request + "' " +
                           folder_.at("image") + " > " + folder_.at("log") + " 2>/dev/null")
                              .c_str());
        return read_file(folder_.at("log")).value_or("no log");
    }
    [[nodiscard]] std::string content(const std::string& path) const {
        (void)debugfs("dump " + path + " " + folder_.at("out"));
        return read_file(folder_.at("out")).value_or("no file");
    }

  private:
    Folder folder_;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

Entry linked(std::string path, std::string content) {
    Entry entry = make_file(std::move(path), 0644, std::move(content));
    entry.link_group = 1;
    return entry;
}

// The text of the error, and the hint.
std::string refusal(const Result<Ext2Image>& image) {
    return image ? "" : describe(image.error()) + " | " + image.error()->hint;
}

}  // namespace

TEST_CASE("ext2: every kind of entry") {
    if (!has_e2fsprogs()) return;
    Entry owned = make_file("etc/owned", 04751, "mine\n");
    owned.uid = 100'000;
    owned.gid = 70'000;
    Entry pipe = make_file("pipe", 0622, "");
    pipe.kind = EntryKind::kPipe;
    Entry socket = make_file("socket", 0755, "");
    socket.kind = EntryKind::kSocket;
    const std::string far(200, 'x');
    const Archive archive = finished(
        {std::move(owned), std::move(pipe), std::move(socket), linked("a", "twice\n"),
         linked("d/b", ""), make_symlink("near", "etc/owned"), make_symlink("far", far),
         make_symlink("edge", std::string(59, 'e')), make_symlink("over", std::string(60, 'o')),
         make_node("dev/null", EntryKind::kCharacter, 0666, 1, 3),
         make_node("dev/large", EntryKind::kBlock, 0660, 259, 70'000), make_file("empty", 0, "")});
    const Result<Ext2Image> image = write_ext2(archive, kMiB, "label");
    REQUIRE_OK(image);
    CHECK(image->bytes.size() == kMiB);
    const OnDisk disk(image->bytes);
    CHECK(disk.faults() == "");
    CHECK(disk.content("/etc/owned") == "mine\n");
    const std::string stat = disk.debugfs("stat /etc/owned");
    CHECK(has(stat, "Mode:  04751"));
    CHECK(has(stat, "User: 100000   Group: 70000"));
    CHECK(has(disk.debugfs("stat /d/b"), "Links: 2"));
    CHECK(disk.content("/d/b") == "twice\n");
    CHECK(has(disk.debugfs("stat /near"), "Fast link dest: \"etc/owned\""));
    CHECK(has(disk.debugfs("stat /edge"), "Fast link dest: \"" + std::string(59, 'e') + "\""));
    CHECK(!has(disk.debugfs("stat /over"), "Fast link"));
    CHECK(has(disk.debugfs("cat /far"), far));
    CHECK(has(disk.debugfs("stat /dev/null"), "Device major/minor number: 01:03"));
    CHECK(has(disk.debugfs("stat /dev/large"), "Device major/minor number: 259:70000"));
    CHECK(has(disk.debugfs("stat /pipe"), "Type: FIFO"));
    CHECK(has(disk.debugfs("stat /socket"), "Type: socket"));
    CHECK(has(disk.debugfs("show_super_stats -h"), "Filesystem volume name:   label"));
}

TEST_CASE("ext2: sizes from 128 KiB to 65 MiB, one group and many") {
    if (!has_e2fsprogs()) return;
    const std::string content = noise(50'000);
    const Archive archive = finished({make_file("sbin/init", 0755, content)});
    for (const std::uint64_t size : {128 * kKiB, 130 * kKiB, kMiB, 8 * kMiB, 8 * kMiB + kKiB,
                                     8 * kMiB + 40 * kKiB, 9 * kMiB, 17 * kMiB, 65 * kMiB}) {
        CAPTURE(size);
        const Result<Ext2Image> image = write_ext2(archive, size, "x");
        REQUIRE_OK(image);
        CHECK(image->bytes.size() == size);
        const OnDisk disk(image->bytes);
        CHECK(disk.faults() == "");
        CHECK(disk.content("/sbin/init") == content);
    }
}

TEST_CASE("ext2: a file at each length where the pointers change") {
    if (!has_e2fsprogs()) return;
    const std::uint64_t single = 12 + 256, twice = single + 256 * 256;
    CHECK(ext2_blocks_of(0) == 0);
    CHECK(ext2_blocks_of(1) == 1);
    CHECK(ext2_blocks_of(12 * kKiB) == 12);
    CHECK(ext2_blocks_of(12 * kKiB + 1) == 14);
    CHECK(ext2_blocks_of(single * kKiB + 1) == single + 1 + 3);
    CHECK(ext2_blocks_of(twice * kKiB + 1) == twice + 1 + 1 + 257 + 3);
    for (const std::uint64_t size :
         {12 * kKiB, 12 * kKiB + 1, single * kKiB, single * kKiB + 1, 900 * kKiB,
          (single + 256) * kKiB, (single + 256) * kKiB + 1, twice * kKiB, twice * kKiB + 1}) {
        CAPTURE(size);
        const std::string content = noise(size);
        const Result<Ext2Image> image =
            write_ext2(finished({make_file("big", 0644, content)}),
                       std::max<std::uint64_t>(kMiB, (size / kMiB + 3) * kMiB), "x");
        REQUIRE_OK(image);
        const OnDisk disk(image->bytes);
        CHECK(disk.faults() == "");
        CHECK(disk.content("/big") == content);
    }
}

TEST_CASE("ext2: a directory of many blocks, and names of every length") {
    if (!has_e2fsprogs()) return;
    std::vector<Entry> entries;
    for (std::size_t length = 1; length <= 255; ++length)
        entries.push_back(make_file("d/" + std::string(length, 'n'), 0644, ""));
    const Archive archive = finished(std::move(entries));
    const Result<Ext2Image> image = write_ext2(archive, kMiB, "x");
    REQUIRE_OK(image);
    const OnDisk disk(image->bytes);
    CHECK(disk.faults() == "");
    CHECK(has(disk.debugfs("ls -p /d"), "/" + std::string(255, 'n') + "/"));
    const Archive long_name = finished({make_file(std::string(256, 'n'), 0644, "")});
    CHECK(has(refusal(write_ext2(long_name, kMiB, "x")), "its name is over 255 bytes"));
}

TEST_CASE("ext2: 900 KB in 1 MiB leaves 64 KiB free") {
    const Result<Ext2Image> image =
        write_ext2(finished({make_file("sbin/init", 0755, noise(900'000))}), kMiB, "x");
    REQUIRE_OK(image);
    CHECK(image->free_bytes >= 64 * kKiB);
    if (has_e2fsprogs()) CHECK(OnDisk(image->bytes).faults() == "");
}

TEST_CASE("ext2: filled to the last block, and one over") {
    const Archive empty = finished({});
    const Result<Ext2Image> free = write_ext2(empty, 9 * kMiB, "x");
    REQUIRE_OK(free);
    std::uint64_t most = free->free_bytes;
    while (ext2_blocks_of(most) * kKiB > free->free_bytes) most -= kKiB;
    const Result<Ext2Image> full =
        write_ext2(finished({make_file("all", 0644, noise(most))}), 9 * kMiB, "x");
    REQUIRE_OK(full);
    CHECK(full->free_bytes < 4 * kKiB);
    if (has_e2fsprogs()) CHECK(OnDisk(full->bytes).faults() == "");
    const Archive over = finished({make_file("all", 0644, noise(free->free_bytes + kKiB))});
    CHECK(refusal(write_ext2(over, 9 * kMiB, "x")) ==
          "write ext2: the files take " + std::to_string(free->free_bytes / kKiB + 1 + 37 + 2) +
              " KiB, and an image of 9216 KiB has room for " +
              std::to_string(free->free_bytes / kKiB + 2) + " KiB | '--size 10MiB' is enough");
}

TEST_CASE("ext2: sizes that nothing can be done with") {
    const Archive empty = finished({});
    CHECK(has(refusal(write_ext2(empty, 1000, "x")), "a multiple of 1KiB"));
    CHECK(has(refusal(write_ext2(empty, 0, "x")), "no room for files"));
    CHECK(has(refusal(write_ext2(empty, kKiB, "x")), "no room for files"));
    CHECK(has(refusal(write_ext2(empty, 20 * kKiB, "x")), "no room for files"));
    CHECK(has(refusal(write_ext2(empty, 1025 * kMiB, "x")), "at most 1GiB"));
    std::vector<Entry> many;
    for (int i = 0; i < 9000; ++i) many.push_back(make_file(std::to_string(i), 0644, ""));
    CHECK(has(refusal(write_ext2(finished(std::move(many)), 2 * kMiB, "x")), "too many files"));
}

TEST_CASE("ext2: the UUID is that of the content") {
    const std::string one = uuid_of_content("one");
    CHECK(one.size() == 16);
    CHECK((one[6] & 0xf0) == 0x80);
    CHECK((static_cast<unsigned char>(one[8]) & 0xc0) == 0x80);
    CHECK(uuid_of_content("one") == one);
    CHECK(uuid_of_content("onf") != one);
    const auto uuid = [](std::string content) {
        const Result<Ext2Image> image =
            write_ext2(finished({make_file("f", 0644, std::move(content))}), kMiB, "x");
        return image ? image->bytes.substr(1024 + 104, 16) : "";
    };
    CHECK(uuid("a").size() == 16);
    CHECK(uuid("a") == uuid("a"));
    CHECK(uuid("a") != uuid("b"));
}
