// SPDX-License-Identifier: MIT
#include "config/values.h"

#include "tests/unit/test.h"

namespace prologue::config {
namespace {

struct Expanded {
    Source source;
    Result<std::string> text;
    explicit Expanded(std::string word) : source{"t", "a " + std::move(word)} {
        Values values;
        values.command_line = CommandLine::parse("root=/dev/vda quiet empty= tricky=${disk}");
        values.board = {{"name", "qemu"}, {"serial", ""}};
        values.set_fact("disk", "/dev/old");
        values.set_fact("disk", "/dev/vdb1");
        Diagnostics diagnostics;
        text = expand(parse_lines(source, diagnostics)[0].tokens[0].word, values);
    }
};

}  // namespace

TEST_CASE("values: expansion") {
    const struct {
        std::string_view word, expected;
    } cases[] = {
        {"plain", "plain"},
        {"${cmdline.root}", "/dev/vda"},
        {"${cmdline.quiet}", "1"},
        {"${cmdline.empty}", ""},
        {"${cmdline.empty:-x}", "x"},
        {"${cmdline.none:-x}", "x"},
        {"${cmdline.none:-}", ""},
        {"${board.name}-${disk}", "qemu-/dev/vdb1"},
        {"${board.serial:-none}", "none"},
        {"${cmdline.tricky}", "${disk}"},
        {"$${disk}", "${disk}"},
        {"\"a ${disk} b\"", "a /dev/vdb1 b"},
    };
    for (const auto& one : cases) {
        INFO(one.word);
        const Expanded expanded{std::string(one.word)};
        REQUIRE_OK(expanded.text);
        CHECK(*expanded.text == one.expected);
    }
}

TEST_CASE("values: an unset value says what is missing") {
    const Expanded expanded("x${cmdline.none}");
    CHECK(!expanded.text.has_value());
    if (expanded.text) return;
    CHECK(expanded.text.error()->kind == ErrorKind::kNotFound);
    CHECK(expanded.text.error()->op == "expand");
    CHECK(expanded.text.error()->object == "${cmdline.none}");
    CHECK(!Expanded("${board.product}").text.has_value());
    CHECK(!Expanded("${other}").text.has_value());
}

}  // namespace prologue::config
