// SPDX-License-Identifier: MIT
#include "config/diagnostic.h"

#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::config {

TEST_CASE("diagnostic: the one form") {
    const Source source{"boot.conf", "a\nb\ndecript  UUID=1 -> plain\n"};
    const Diagnostic diagnostic{
        Severity::kError, {&source, 4, 7}, "unknown stage 'decript'", "did you mean 'decrypt'?"};
    CHECK(render(diagnostic) ==
          "boot.conf:3:1: error: unknown stage 'decript'\n"
          "    3 | decript  UUID=1 -> plain\n"
          "      | ^~~~~~~\n"
          "  hint: did you mean 'decrypt'?\n");
}

TEST_CASE("diagnostic: without a hint, without a place") {
    const Source source{"c", "x"};
    CHECK(render({Severity::kNote, {&source, 0, 1}, "m", ""}) ==
          "c:1:1: note: m\n    1 | x\n      | ^\n");
    CHECK(render({Severity::kWarning, {}, "m", "h"}) == "warning: m\n  hint: h\n");
    CHECK(render_excerpt({}).empty());
}

TEST_CASE("diagnostic: carets") {
    const struct {
        std::string_view text;
        Span span;
        std::string_view expected;
    } cases[] = {
        {"abc", {nullptr, 1, 0}, "    1 | abc\n      |  ^\n"},
        {"abc", {nullptr, 3, 0}, "    1 | abc\n      |    ^\n"},
        {"abc", {nullptr, 9, 5}, "    1 | abc\n      |    ^\n"},
        {"abc\n", {nullptr, 4, 0}, "    2 | \n      | ^\n"},
        {"abc\ndef", {nullptr, 1, 5}, "    1 | abc\n      |  ^~\n"},
        {"a\tbc", {nullptr, 2, 2}, "    1 | a\tbc\n      |  \t^~\n"},
        {"раз два", {nullptr, 7, 6}, "    1 | раз два\n      |     ^~~\n"},
        {"a\xff\x1b z", {nullptr, 4, 1}, "    1 | a?? z\n      |     ^\n"},
        {"ab\r\n", {nullptr, 1, 1}, "    1 | ab\n      |  ^\n"},
        {"", {nullptr, 0, 0}, "    1 | \n      | ^\n"},
    };
    for (const auto& one : cases) {
        const Source source{"c", std::string(one.text)};
        Span span = one.span;
        span.source = &source;
        INFO(one.text);
        CHECK(render_excerpt(span) == one.expected);
    }
}

TEST_CASE("diagnostic: a long line is shown around its caret") {
    const Source source{"c", std::string(500, 'a') + "X" + std::string(500, 'b')};
    const std::string excerpt = render_excerpt({&source, 500, 1});
    CHECK(excerpt.size() < 400);
    const std::size_t shown = excerpt.find('X'), caret = excerpt.find('^');
    CHECK(shown == caret - excerpt.find('\n') - 1);
}

TEST_CASE("diagnostic: nothing steers the terminal") {
    const Source source{"c\x1b[2J", "\x1b]0;x\x07 \xc2\x9b"};
    const std::string text = render({Severity::kError,
                                     {&source, 0, 1},
                                     "a\x1b"
                                     "b\xff",
                                     "\x07"});
    for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    CHECK(text.find("\xc2\x9b") == std::string::npos);
}

TEST_CASE("diagnostic: sorted by place, equal places in the order of reporting") {
    const Source one{"one", "abc"}, two{"two", "abc"};
    Diagnostics diagnostics;
    diagnostics.error({&two, 2, 1}, "1");
    diagnostics.note({}, "5");
    diagnostics.warning({&one, 2, 1}, "3");
    diagnostics.note({&one, 2, 1}, "4");
    diagnostics.note({&two, 0, 1}, "0");
    diagnostics.error({&one, 1, 1}, "2");
    std::string order;
    for (const Diagnostic& diagnostic : diagnostics.sorted()) order += diagnostic.message;
    CHECK(order == "012345");
}

TEST_CASE("diagnostic: only errors are errors") {
    Diagnostics diagnostics;
    diagnostics.warning({}, "w");
    diagnostics.note({}, "n");
    CHECK(!diagnostics.has_errors());
    diagnostics.error({}, "e");
    CHECK(diagnostics.has_errors());
}

TEST_CASE("diagnostic: their number is bounded") {
    const Source source{"c", "abc"};
    Diagnostics diagnostics;
    for (int i = 0; i < 1000; ++i) diagnostics.note({&source, 0, 1}, "n");
    CHECK(diagnostics.all().size() == 101);
    CHECK(diagnostics.sorted().back().message == "too many mistakes; the others are not shown");
}

TEST_CASE("diagnostic: did you mean") {
    const std::vector<std::string_view> words = {"mount", "umount", "switch_root", "on-failure",
                                                 "set"};
    const struct {
        std::string_view word, expected;
    } cases[] = {
        {"mout", "mount"},
        {"muont", "mount"},
        {"Mount", "mount"},
        {"switch-rot", "switch_root"},
        {"on_failure", "on-failure"},
        {"sett", "set"},
        {"xyz", ""},
        {"", ""},
        {"s", ""},
        {"unmount", "umount"},
        {"a_very_long_word_that_is_none_of_them_at_all", ""},
    };
    for (const auto& one : cases) {
        INFO(one.word);
        CHECK(did_you_mean(one.word, words) == one.expected);
    }
    CHECK(did_you_mean_hint("mout", words) == "did you mean 'mount'?");
    CHECK(did_you_mean_hint("xyz", words).empty());
}

TEST_CASE("diagnostic: a long text is quoted in part, never inside a character") {
    CHECK(quoted("a") == "'a'");
    CHECK(quoted(std::string(60, 'a')) == "'" + std::string(60, 'a') + "'");
    CHECK(quoted(std::string(61, 'a')) == "'" + std::string(60, 'a') + "...'");
    std::string cyrillic = "a";
    for (int i = 0; i < 40; ++i) cyrillic += "д";
    CHECK(quoted(cyrillic).ends_with("д...'"));
}

TEST_CASE("source: positions count characters") {
    const Source source{"c", "аб\nв\xff г\n"};
    CHECK(position_of({&source, 4, 0}).column == 3);
    CHECK(position_of({&source, 9, 0}).line == 2);
    CHECK(position_of({&source, 9, 0}).column == 4);
    CHECK(position_of({&source, 999, 0}).line == 3);
    CHECK(position_of({}).line == 1);
}

}  // namespace prologue::config
