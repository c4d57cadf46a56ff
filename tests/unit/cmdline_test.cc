// SPDX-License-Identifier: MIT
// The kernel command line. The quoting vectors are those of dracut's TEST-80 and of the kernel's
// own next_arg().
#include "config/cmdline.h"

#include "tests/unit/test.h"

namespace prologue::config {
namespace {

std::string shown(const CommandLine& line) {
    std::string text;
    for (const Parameter& parameter : line.parameters()) {
        text += "[" + parameter.name + "]";
        if (parameter.value) text += "=[" + *parameter.value + "]";
    }
    for (const std::string& word : line.init_arguments()) text += "{" + word + "}";
    return text;
}

}  // namespace

TEST_CASE("cmdline: words and quotes") {
    const struct {
        std::string_view text, expected;
    } cases[] = {
        {"", ""},
        {"\n", ""},
        {"  a  b\t c\n", "[a][b][c]"},
        {"a=b", "[a]=[b]"},
        {"a=", "[a]=[]"},
        {"a=b=c", "[a]=[b=c]"},
        {"=a", "[=a]"},
        {"=a=b", "[=a]=[b]"},
        {"key3=\"  val  3  \"", "[key3]=[  val  3  ]"},
        {"\"  key  4  =\"val4", "[  key  4  ]=[val4]"},
        {"\"key  5=val  5\"", "[key  5]=[val  5]"},
        {"\"key6=\"\"val  6\"", "[key6]=[\"val  6]"},
        // The fourth quote closes, so the blank behind "end" ends the word.
        {"key7=\"foo\"bar\" baz=\"end \"", "[key7]=[foo\"bar\" baz=\"end][]"},
        {"key7=\"foo\"bar\" baz=\"", "[key7]=[foo\"bar\" baz=]"},
        {"a \"unterminated b=c d", "[a][unterminated b]=[c d]"},
        {"a=\"unterminated b", "[a]=[unterminated b]"},
        {"a=\"", "[a]=[]"},
        {"\"", "[]"},
        {"\"\"", "[]"},
        {"\"a=\"", "[a]=[]"},
        {"a=b\"c d\"e", "[a]=[b\"c d\"e]"},
        {"a=UUID=\"x y\"", "[a]=[UUID=\"x y\"]"},
        {"\"root=LABEL=  rdinit=/bin/sh\"", "[root]=[LABEL=  rdinit=/bin/sh]"},
        {"root=LABEL=voil\xc3\xa0 ro", "[root]=[LABEL=voil\xc3\xa0][ro]"},
        {"a -- b c=\"d e\" --", "[a]{b}{c=d e}{--}"},
        {"a \"--\" b", "[a]{b}"},
        {"a --=b", "[a][--]=[b]"},
        {"a --b", "[a][--b]"},
    };
    for (const auto& one : cases) {
        INFO(one.text);
        CHECK(shown(CommandLine::parse(one.text)) == one.expected);
    }
}

TEST_CASE("cmdline: the last one counts, and names compare exactly") {
    const CommandLine line =
        CommandLine::parse("root=a rootwait root=b console=x console=y key2=val2 key2=val");
    CHECK(*line.last("root")->value == "b");
    CHECK(line.last("roo") == nullptr);
    CHECK(line.last("key") == nullptr);
    CHECK(!line.last("rootwait")->value.has_value());
    CHECK(line.all("console") == std::vector<std::string>{"x", "y"});
    CHECK(line.all("rootwait") == std::vector<std::string>{"1"});
    CHECK(line.all("none").empty());
}

TEST_CASE("cmdline: a bare word and =1 are the same boolean") {
    const CommandLine line = CommandLine::parse("a b=1 c=0 d=y e=n f=on g=off h= i=true a2 a2=0");
    for (const std::string_view name : {"a", "b", "d", "f", "i"}) CHECK(line.flag(name));
    for (const std::string_view name : {"c", "e", "g", "h", "x", "a2"}) CHECK(!line.flag(name));
}

TEST_CASE("cmdline: restricted to some words") {
    const CommandLine line = CommandLine::parse("quiet init=/bin/sh console=a console=b -- single");
    CHECK(shown(line.restricted_to({"quiet", "console"})) == "[quiet][console]=[a][console]=[b]");
    CHECK(shown(line.restricted_to({})).empty());
    CHECK(line.restricted_to({"quiet"}).is_restricted());
    CHECK(!line.is_restricted());
}

}  // namespace prologue::config
