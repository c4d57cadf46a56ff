// SPDX-License-Identifier: MIT
#include "images/listing.h"

#include <cstdlib>
#include <string>

#include "images/host.h"
#include "tests/unit/test.h"

using namespace prologue;
using namespace prologue::images;

namespace {

struct Read {
    config::Source source;
    Archive archive;
    Problems problems;

    explicit Read(std::string text) : source{"files.list", std::move(text)} {
        config::Diagnostics diagnostics;
        read_listing(source, archive, diagnostics);
        problems.add(diagnostics);
        archive.finish(problems);
    }
    [[nodiscard]] std::string list() const { return write_listing(archive, "/contents"); }
};

// A file that lives as long as the object.
struct TempFile {
    std::string path;
    explicit TempFile(std::string_view content) {
        char name[] = "/tmp/prologue-listing-XXXXXX";
        const int fd = mkstemp(name);
        path = name;
        if (fd >= 0) (void)write_output(path, content, 0600);
    }
    TempFile(const TempFile&) = delete;
    TempFile& operator=(const TempFile&) = delete;
    ~TempFile() { (void)std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("listing: every kind of entry, there and back") {
    const TempFile file("content");
    const std::string text =
        "dir /dev 0755 0 0\n"
        "dir /usr 0750 1 2\n"
        "slink /bin usr/bin 0777 0 0\n"
        "nod /dev/console 0600 0 0 c 5 1\n"
        "nod /dev/vda 0660 0 6 b 254 0\n"
        "file /usr/f " +
        file.path +
        " 0644 0 0 /usr/g /usr/h\n"
        "file /usr/one " +
        file.path +
        " 4755 1000 100\n"
        "pipe /usr/pipe 0622 0 0\n"
        "sock /usr/sock 0755 0 0\n";
    const Read read("# a comment\n\n  " + text);
    CHECK(read.problems.text() == "");
    CHECK(read.list() == text);
    const Entry* link = read.archive.find("usr/h");
    CHECK(link != nullptr);
    if (!(link != nullptr)) return;
    CHECK(read.archive.content_of(*link) == "content");
}

TEST_CASE("listing: what has no place on disk is written beside the list") {
    Archive archive;
    Problems problems;
    CHECK(archive.add(make_file("etc/x", 0600, "made here")));
    archive.finish(problems);
    CHECK(write_listing(archive, "/out.d") ==
          "dir /etc 0755 0 0\nfile /etc/x /out.d/etc/x 0600 0 0\n");
}

TEST_CASE("listing: names with blanks have no form in it") {
    Archive archive;
    Problems problems;
    CHECK(archive.add(make_file("etc/x", 0600, "1", "/host/a file")));
    archive.finish(problems);
    CHECK(check_listable(archive, "/out.d"));
    CHECK(!check_listable(archive, "/my files/out.d"));
    CHECK(write_listing(archive, "/out.d").find("/out.d/etc/x") != std::string::npos);
    CHECK(archive.add(make_file("a b", 0600, "1")));
    CHECK(!check_listable(archive, "/out.d"));
}

TEST_CASE("listing: the environment in locations") {
    const TempFile file("content");
    (void)setenv("PROLOGUE_TEST_PLACE", "/tmp", 1);
    (void)unsetenv("PROLOGUE_TEST_NOTHING");
    const Read read("file /f ${PROLOGUE_TEST_PLACE}" + file.path.substr(4) + " 0644 0 0\n");
    CHECK(read.problems.text() == "");
    CHECK(read.archive.contains("f"));
    const Read unset("file /f ${PROLOGUE_TEST_NOTHING}/x 0644 0 0\n");
    CHECK(unset.problems.text() ==
          "files.list:1:9: error: environment variable 'PROLOGUE_TEST_NOTHING' is not set\n"
          "    1 | file /f ${PROLOGUE_TEST_NOTHING}/x 0644 0 0\n"
          "      |         ^~~~~~~~~~~~~~~~~~~~~~~~~~\n");
}

TEST_CASE("listing: every mistake is reported at its place") {
    const Read read(
        "dirr /a 0755 0 0\n"
        "dir /b 0999 0 0\n"
        "nod /c 0600 0 0 x 5 1\n"
        "file /d /nonexistent/file 0644 0 root\n"
        "slink /e\n"
        "pipe /f 0600 0 0 more\n"
        "dir /../g 0755 0 0\n"
        "slink /h a 0777 0 0\n"
        "slink /h b 0777 0 0\n");
    const std::string text = read.problems.text();
    for (const std::string_view wanted :
         {"files.list:1:1: error: unknown entry 'dirr'", "did you mean 'dir'?",
          "files.list:2:8: error: '0999' is no mode",
          "files.list:3:17: error: 'x' is no device type",
          "files.list:4:9: error: read /nonexistent/file: No such file or directory (ENOENT)",
          "files.list:4:34: error: 'root' is no user or group number",
          "files.list:5:1: error: this line is too short", "files.list:6:18: error: too many words",
          "files.list:7:5: error: '/../g' has a '..'", "files.list:9:7: error: /h is here twice",
          "the first one is on line 8"}) {
        CAPTURE(wanted);
        CHECK(text.find(wanted) != std::string::npos);
    }
}

// The content of a group of hard links would be lost with the name that has no place.
TEST_CASE("listing: the root is nothing but a directory") {
    CHECK(Read("dir / 0755 0 0\n").problems.text().empty());
    const Read file("file / /dev/null 0644 0 0 /link\n");
    CHECK(file.problems.text().find("files.list:1:6: error: the root of an image is a directory") !=
          std::string::npos);
    CHECK(Read("slink /. /a 0777 0 0\n").problems.has_errors());
}

TEST_CASE("listing: any bytes") {
    std::string text = "file /a /dev/null 0644 0 0\ndir /b 0755 0 0\n";
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x93);
        const Read read(std::move(damaged));
    }
    CHECK(true);  // the sanitizers are the check
}

TEST_CASE("listing: a symlink without a target cannot be listed") {
    Archive archive;
    Problems problems;
    CHECK(archive.add(make_symlink("link", "")).has_value());
    archive.finish(problems);
    CHECK_FALSE(check_listable(archive, "/tmp").has_value());
}
