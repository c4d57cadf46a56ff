// SPDX-License-Identifier: MIT
// libblkid on images that the distribution's own tools make.
#include "stages/devices/prober.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

using namespace prologue;

namespace {

using Status = ProbeResult::Status;

class Image {
  public:
    explicit Image(off_t size) {
        char path[] = "/tmp/prologue-image-XXXXXX";
        const int fd = mkostemp(path, O_CLOEXEC);
        path_ = path;
        CHECK(ftruncate(fd, size) == 0);
        (void)close(fd);
    }
    ~Image() { (void)unlink(path_.c_str()); }
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;

    // Runs "TOOL ARGS IMAGE"; false, loudly, when the tool is not there.
    [[nodiscard]] bool make(const std::string& tool, const std::string& arguments,
                            const std::string& input = "") const {
        const std::string path = "PATH=$PATH:/sbin:/usr/sbin ";
        if (std::system((path + "command -v " + tool + " >/dev/null").c_str()) != 0) {
            MESSAGE("SKIPPED: " << tool << " is not installed");
            return false;
        }
        const std::string command = "export LC_ALL=C " + path + "; printf '" + input + "' | " +
                                    tool + " " + arguments + " " + path_ + " >/dev/null 2>&1";
        const bool good = std::system(command.c_str()) == 0;
        CHECK_MESSAGE(good, command);
        return good;
    }
    void write(off_t offset, std::string_view bytes) const {
        const int fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
        CHECK(pwrite(fd, bytes.data(), bytes.size(), offset) == static_cast<ssize_t>(bytes.size()));
        (void)close(fd);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

constexpr const char* kUuid = "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11";

}  // namespace

TEST_CASE("prober: ext4 with UUID and label") {
    const Image image(8 << 20);
    if (!image.make("mke2fs", "-q -F -t ext4 -L 'my root' -U " + std::string(kUuid))) return;
    const ProbeResult result = BlkidProber().probe(image.path());
    REQUIRE(result.status == Status::kFound);
    REQUIRE(result.signatures.size() == 1);
    CHECK(result.signatures[0].fstype == "ext4");
    CHECK(result.signatures[0].uuid == kUuid);
    CHECK(result.signatures[0].label == "my root");
    CHECK(result.signatures[0].usage == "filesystem");
}

TEST_CASE("prober: unsafe bytes in a label survive") {
    const Image image(4 << 20);
    if (!image.make("mke2fs", "-q -F -t ext2 -U " + std::string(kUuid))) return;
    constexpr off_t kVolumeName = 1024 + 120;  // s_volume_name of the ext2 superblock
    const std::string_view label = "a\n\x1b[1m/$(b)\xff";
    image.write(kVolumeName, label);
    const ProbeResult result = BlkidProber().probe(image.path());
    REQUIRE(result.status == Status::kFound);
    CHECK(result.signatures[0].label == label);
}

TEST_CASE("prober: swap and vfat") {
    const Image swap(4 << 20), vfat(16 << 20);
    if (swap.make("mkswap", "-L swap0 -U " + std::string(kUuid))) {
        const ProbeResult result = BlkidProber().probe(swap.path());
        REQUIRE(result.status == Status::kFound);
        CHECK(result.signatures[0].fstype == "swap");
        CHECK(result.signatures[0].usage == "other");
    }
    if (vfat.make("mkfs.vfat", "-i 1234ABCD -n ESP")) {
        const ProbeResult result = BlkidProber().probe(vfat.path());
        REQUIRE(result.status == Status::kFound);
        CHECK(result.signatures[0].fstype == "vfat");
        CHECK(result.signatures[0].uuid == "1234-ABCD");
        CHECK(result.signatures[0].label == "ESP");
    }
}

TEST_CASE("prober: nothing, nothing at all, and no file") {
    const Image blank(4 << 20), empty(0);
    CHECK(BlkidProber().probe(blank.path()).status == Status::kNothing);
    CHECK(BlkidProber().probe(empty.path()).status == Status::kNothing);
    const ProbeResult absent = BlkidProber().probe("/nonexistent/vda");
    CHECK(absent.status == Status::kUnreadable);
    CHECK(absent.errnum == ENOENT);
}

TEST_CASE("prober: signatures that contradict each other are listed") {
    const Image image(16 << 20);
    if (!image.make("mke2fs", "-q -F -t ext4 -U " + std::string(kUuid))) return;
    // The first KiB is free on ext4: enough for the header of a squashfs (magic, s_major).
    image.write(0, "hsqs");
    image.write(28, "\x04");
    const ProbeResult result = BlkidProber().probe(image.path());
    REQUIRE(result.status == Status::kAmbivalent);
    REQUIRE(result.signatures.size() == 2);
    const bool ext4_first = result.signatures[0].fstype == "ext4";
    CHECK(result.signatures[ext4_first ? 0 : 1].uuid == kUuid);
    CHECK(result.signatures[ext4_first ? 1 : 0].fstype == "squashfs");
}

TEST_CASE("prober: a GPT") {
    const Image image(16 << 20);
    if (!image.make(
            "sfdisk", "-q",
            "label: gpt\\nsize=4MiB, uuid=0D3F1A5C-0001-4B7E-9F60-5A2C7B1DE001, "
            "name=\"раздел\"\\n5 : size=4MiB, uuid=0D3F1A5C-0005-4B7E-9F60-5A2C7B1DE001\\n")) {
        return;
    }
    const PartitionTable table = BlkidProber().read_partitions(image.path());
    CHECK(table.errnum == 0);
    REQUIRE(table.entries.size() == 2);
    CHECK(table.entries[0].number == 1);
    CHECK(table.entries[0].uuid == "0d3f1a5c-0001-4b7e-9f60-5a2c7b1de001");
    CHECK(table.entries[0].name == "раздел");
    CHECK(table.entries[1].number == 5);
    CHECK(table.entries[1].name.empty());
}

TEST_CASE("prober: an MBR with a logical partition") {
    const Image image(16 << 20);
    if (!image.make("sfdisk", "-q",
                    "label: dos\\nlabel-id: 0xABCD0001\\nsize=4MiB, type=83\\n"
                    "size=8MiB, type=5\\n5 : size=2MiB, type=83\\n")) {
        return;
    }
    const PartitionTable table = BlkidProber().read_partitions(image.path());
    REQUIRE(table.entries.size() == 3);
    CHECK(table.entries[0].uuid == "abcd0001-01");
    CHECK(table.entries[1].uuid == "abcd0001-02");
    CHECK(table.entries[2].number == 5);
    CHECK(table.entries[2].uuid == "abcd0001-05");
}

TEST_CASE("prober: no table, and no disk") {
    const Image blank(4 << 20);
    const PartitionTable table = BlkidProber().read_partitions(blank.path());
    CHECK(table.errnum == 0);
    CHECK(table.entries.empty());
    CHECK(BlkidProber().read_partitions("/nonexistent/vda").errnum == ENOENT);
}

TEST_CASE("prober: what is left of an external log of XFS makes no disk ambivalent") {
    const Image image(16 << 20);
    if (!image.make("mke2fs", "-q -F -t ext4 -U " + std::string(kUuid))) return;
    // The header of a log record (fs/xfs/libxfs/xfs_log_format.h): magic, cycle, version 2, length,
    // and the format further on. libblkid alone finds two signatures here.
    image.write(8192, std::string_view("\xfe\xed\xba\xbe\0\0\0\1\0\0\0\2\0\0\2\0", 16));
    image.write(8192 + 300, std::string_view("\0\0\0\1", 4));
    const ProbeResult result = BlkidProber().probe(image.path());
    CHECK(result.status == Status::kFound);
    CHECK(result.signatures.size() == 1);
}

TEST_CASE("prober: a forgotten ZFS label makes a disk ambivalent, bare uberblocks do not") {
    constexpr off_t kSize = 80 << 20, kLabel = 256 << 10;
    const Image image(kSize);
    if (!image.make("mke2fs", "-q -F -t ext4 -U " + std::string(kUuid))) return;
    // The last label, which mkfs does not reach; libblkid wants four uberblocks.
    constexpr off_t kStart = kSize - kLabel;
    for (off_t i = 0; i < 4; ++i) {
        image.write(kStart + (128 + i) * 1024, std::string_view("\x0c\xb1\xba\0\0\0\0\0", 8));
    }
    CHECK(BlkidProber().probe(image.path()).status == Status::kFound);
    // The header of the list of names and values: XDR, little-endian, version 0, unique names.
    image.write(kStart + 16 * 1024, std::string_view("\1\1\0\0\0\0\0\0\0\0\0\1", 12));
    const ProbeResult result = BlkidProber().probe(image.path());
    CHECK(result.status == Status::kAmbivalent);
    CHECK(result.signatures.size() == 2);
}

TEST_CASE("prober: over how many devices a btrfs goes") {
    const Image alone(128 * 1024 * 1024);
    if (!alone.make("mkfs.btrfs", "-q -U " + std::string(kUuid))) return;
    BlkidProber prober;
    CHECK(prober.btrfs_devices(alone.path()) == 1);
    const Image first(128 * 1024 * 1024), second(128 * 1024 * 1024);
    if (!first.make("mkfs.btrfs", "-q -d single -m raid1 " + second.path())) return;
    CHECK(prober.btrfs_devices(first.path()) == 2);
    CHECK(prober.btrfs_devices(second.path()) == 2);
    const Image empty(1024 * 1024);
    CHECK(prober.btrfs_devices(empty.path()) == 0);
    CHECK(prober.btrfs_devices("/dev/null/nothing") == 0);
}
