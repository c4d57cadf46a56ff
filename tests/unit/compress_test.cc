// SPDX-License-Identifier: MIT
#include "images/compress.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "images/host.h"
#include "tests/unit/test.h"

using namespace prologue;
using namespace prologue::images;

namespace {

constexpr Compression kAll[] = {Compression::kGzip, Compression::kZstd, Compression::kXz,
                                Compression::kLz4};
constexpr std::size_t kLimit = std::size_t{64} * 1024 * 1024;

// Neither trivial nor random: what a compressor has some work with.
std::string sample(std::size_t size) {
    std::string text;
    std::uint32_t state = 12345;
    while (text.size() < size) {
        state = state * 1664525 + 1013904223;
        text += "line " + std::to_string(state >> 20) + " of the sample\n";
    }
    text.resize(size);
    return text;
}

// True when an outside program takes our bytes and gives back `expected`; also when it is not
// there.
bool program_agrees(const std::string& command, const std::string& packed,
                    const std::string& expected) {
    if (std::system(
            ("command -v " + command.substr(0, command.find(' ')) + " >/dev/null").c_str()) != 0)
        return true;
    char folder[] = "/tmp/prologue-compress-XXXXXX";
    const std::string base = mkdtemp(folder);
    bool same = write_output(base + "/in", packed, 0600).has_value();
    same = same && std::system((command + " < " + base + "/in > " + base + "/out").c_str()) == 0;
    same = same && read_file(base + "/out").value_or("") == expected;
    (void)std::system(("rm -rf " + base).c_str());
    return same;
}

}  // namespace

TEST_CASE("compress: every dialect gives back what it got") {
    for (const Compression compression : kAll) {
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{70000}}) {
            CAPTURE(name_of(compression));
            CAPTURE(size);
            const std::string data = sample(size);
            const Result<std::string> packed = compress(compression, data);
            REQUIRE_OK(packed);
            CHECK(detect_compression(*packed) == compression);
            const Decoded decoded = decompress(compression, *packed, kLimit);
            CHECK(decoded.problem == "");
            CHECK(decoded.consumed == packed->size());
            CHECK(decoded.data == data);
        }
    }
}

TEST_CASE("compress: a small archive is left as it is") {
    constexpr std::size_t kSmall = 2 << 20;
    CHECK(default_compression(512) == Compression::kNone);
    CHECK(default_compression(kSmall) == Compression::kNone);
    CHECK(default_compression(kSmall + 512) == Compression::kGzip);
}

TEST_CASE("compress: lz4 over its block size is several blocks") {
    const std::string data = sample(std::size_t{9} * 1024 * 1024);
    const Result<std::string> packed = compress_lz4(data);
    REQUIRE_OK(packed);
    CHECK(decompress_lz4(*packed, kLimit).data == data);
    CHECK(program_agrees("lz4 -dc", *packed, data));
}

TEST_CASE("compress: the same input gives the same bytes") {
    const std::string data = sample(200000);
    for (const Compression compression : kAll)
        CHECK(compress(compression, data).value_or("a") ==
              compress(compression, data).value_or("b"));
}

TEST_CASE("compress: the tools of the dialects agree") {
    const std::string data = sample(300000);
    CHECK(program_agrees("gzip -dc", compress_gzip(data).value_or(""), data));
    CHECK(program_agrees("zstd -dc", compress_zstd(data).value_or(""), data));
    CHECK(program_agrees("xz -dc", compress_xz(data).value_or(""), data));
    CHECK(program_agrees("lz4 -dc", compress_lz4(data).value_or(""), data));
}

// It takes a quicker level, and must not ask for more than the window that the kernel has.
TEST_CASE("compress: what is larger than zstd's window comes back") {
    const std::string data = sample((std::size_t{8} << 20) + 1);
    const std::string packed = compress_zstd(data).value_or("");
    CHECK(packed.size() < data.size());
    CHECK(decompress(Compression::kZstd, packed, data.size()).data == data);
    CHECK(program_agrees("zstd -dc --memory=8MiB", packed, data));
}

TEST_CASE("compress: gzip carries neither name nor time") {
    const std::string packed = compress_gzip("x").value_or("");
    CHECK(packed.size() > 10);
    if (!(packed.size() > 10)) return;
    CHECK(packed.substr(3, 5) == std::string(5, '\0'));  // flags and mtime
}

TEST_CASE("compress: xz has the check that the kernel knows") {
    const std::string packed = compress_xz("x").value_or("");
    CHECK(packed.size() > 8);
    if (!(packed.size() > 8)) return;
    CHECK(packed[7] == 1);  // CRC32
}

TEST_CASE("compress: a stream ends where it ends") {
    for (const Compression compression : kAll) {
        if (compression == Compression::kLz4) continue;  // it has no end mark
        CAPTURE(name_of(compression));
        const std::string packed = compress(compression, "hello").value_or("");
        const Decoded decoded = decompress(compression, packed + "tail", kLimit);
        CHECK(decoded.problem == "");
        CHECK(decoded.consumed == packed.size());
        CHECK(decoded.data == "hello");
    }
}

TEST_CASE("compress: cut off at every byte is reported, never a crash") {
    const std::string data = sample(3000);
    for (const Compression compression : kAll) {
        CAPTURE(name_of(compression));
        const std::string packed = compress(compression, data).value_or("");
        for (std::size_t size = 0; size < packed.size(); ++size) {
            CAPTURE(size);
            const Decoded decoded = decompress(compression, packed.substr(0, size), kLimit);
            // lz4's legacy format cannot tell an end between its blocks from the end.
            if (compression != Compression::kLz4 || size > 8) CHECK(decoded.problem != "");
        }
    }
}

TEST_CASE("compress: any byte may be wrong") {
    const std::string data = sample(2000);
    for (const Compression compression : kAll) {
        const std::string packed = compress(compression, data).value_or("");
        for (std::size_t at = 0; at < packed.size(); ++at) {
            std::string damaged = packed;
            damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
            (void)decompress(compression, damaged, kLimit);
        }
    }
    CHECK(true);  // the sanitizers are the check
}

TEST_CASE("compress: the output has a limit") {
    const std::string data(std::size_t{20} * 1024 * 1024, '\0');
    for (const Compression compression : kAll) {
        CAPTURE(name_of(compression));
        const std::string packed = compress(compression, data).value_or("");
        CHECK(decompress(compression, packed, 100000).problem == "larger than the limit");
    }
}

TEST_CASE("compress: names") {
    for (const Compression compression : kAll)
        CHECK(parse_compression(name_of(compression)) == compression);
    CHECK(parse_compression("none") == Compression::kNone);
    CHECK(!parse_compression("bzip2"));
    CHECK(foreign_compression("BZh9") == "bzip2");
    CHECK(foreign_compression("070701") == "");
}
