// SPDX-License-Identifier: MIT
// How the harness reads a serial line; no machine is needed.
#include <doctest/doctest.h>

#include "tests/qemu/transcript.h"

namespace prologue::qemu_tests {

TEST_CASE("transcript: the kernel cuts into a line of a program") {
    const Transcript text(
        "first\r\n"
        "second and [    2.388222] clocksource: Switched\r\n"
        "[    2.400000] another\r\n"
        "its rest\r\n"
        "whole[    2.500000] a record\r\n"
        "\r\n"
        "last\r\n");
    text.has_block("first\nsecond and its rest\nwhole\nlast");
    text.has("clocksource: Switched");
    CHECK(text.time_of("a record") == doctest::Approx(2.5));
    CHECK_FALSE(text.contains("*[*"));
}

TEST_CASE("transcript: a text is found in one piece and in several") {
    const std::string raw =
        "terminal: owns=1\r\nterm[    2.388222] one\r\n[    2.400000] two\r\ninal: owns=1\r\nrest";
    const std::size_t first = end_of_text(raw, "terminal: owns=1", 0);
    CHECK(first == 16);
    const std::size_t second = end_of_text(raw, "terminal: owns=1", first);
    CHECK(raw.substr(second) == "\r\nrest");
    CHECK(end_of_text(raw, "terminal: owns=1", second) == std::string::npos);
    CHECK(end_of_text(raw, "one\r\n", 0) == raw.find("[    2.4"));  // a record is text as well
    CHECK(end_of_text("term[    2.388222] one", "terminal", 0) == std::string::npos);
}

TEST_CASE("transcript: a record that a program shows is no cut") {
    const Transcript text("  kernel: [2.388222] virtio\nnext\n");
    text.has("  kernel: [2.388222] virtio");
    text.has("next");
}

TEST_CASE("transcript: a cut line without an end") {
    const Transcript text("half[    1.000000] record");
    text.has("half");
    text.has("record");
}

}  // namespace prologue::qemu_tests
