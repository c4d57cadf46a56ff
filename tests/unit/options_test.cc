// SPDX-License-Identifier: MIT
#include "images/options.h"

#include "images/command.h"
#include "images/compress.h"
#include "init/base/split.h"
#include "tests/unit/test.h"

namespace prologue::images {
namespace {

constexpr OptionRow kRows[] = {
    {"--accel", "-a", "HOW", "a choice", "auto kvm tcg"},
    {"--disk", "", "FILE", "anything"},
    {"--flag", "", "", "no value"},
    {"--sign", "", "KEY CERT", "two values"},
};

Result<CommandLineWords> parse(std::vector<std::string> words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    return parse_command_line(kRows, pointers);
}

}  // namespace

TEST_CASE("options: a value that is no choice is refused, and the choices are named") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"--accel", "hvf"}, {"--accel=hvf"}, {"-a", "hvf"}, {"-ahvf"}}) {
        const auto line = parse(words);
        CHECK(!line);
        if (line) continue;
        CHECK(line.error()->detail == "unknown value 'hvf' of '--accel'");
        CHECK(line.error()->hint == "auto, kvm or tcg");
    }
    CHECK(!parse({"--accel="}));
    CHECK(!parse({"--accel", "auto kvm"}));
}

TEST_CASE("options: choices are taken, and other options take anything") {
    for (const std::string choice : {"auto", "kvm", "tcg"}) {
        const auto line = parse({"--accel", choice, "--disk", "hvf", "--flag"});
        REQUIRE_OK(line);
        CHECK(line->value("--accel") == choice);
        CHECK(line->value("--disk") == "hvf");
        CHECK(line->has("--flag"));
    }
}

TEST_CASE("options: one with two values takes two arguments") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"--sign", "a.key", "a.pem", "word"}, {"--sign=a.key", "a.pem", "word"}}) {
        const auto line = parse(words);
        REQUIRE_OK(line);
        CHECK(line->values("--sign") == std::vector<std::string>{"a.key", "a.pem"});
        CHECK(line->words == std::vector<std::string>{"word"});
    }
    const auto line = parse({"--sign", "a.key"});
    CHECK(!line);
    if (!line) CHECK(line.error()->detail == "option '--sign' wants a KEY CERT");
}

TEST_CASE("options: every choice of --compress is a compression") {
    for (const OptionRow& row : kInitramfs.options) {
        if (row.name.view() != "--compress") continue;
        std::string_view rest = row.choices;
        CHECK(!rest.empty());
        while (!rest.empty()) {
            const std::string_view choice = take_part(rest, ' ');
            CHECK_MESSAGE(parse_compression(choice).has_value(), choice);
        }
    }
}

}  // namespace prologue::images
