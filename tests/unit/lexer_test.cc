// SPDX-License-Identifier: MIT
#include <vector>

#include "config/line.h"
#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::config {
namespace {

// One line as the lexer sees it: words in brackets, options as <name=value>, arrows bare, quoted
// words with a 'q'.
std::string shown(const Line& line) {
    std::string text = line.keyword;
    for (const Token& token : line.tokens) {
        text += ' ';
        switch (token.kind) {
            case Token::Kind::kArrow: text += "->"; break;
            case Token::Kind::kWord:
                text += (token.word.quoted ? "q[" : "[") + token.word.text() + "]";
                break;
            case Token::Kind::kOption:
                text += "<" + token.option.name + "=" + token.option.value.text() + ">";
                break;
        }
    }
    return text;
}

struct Lexed {
    Source source;
    Diagnostics diagnostics;
    std::vector<Line> lines;
    explicit Lexed(std::string text) : source{"t", std::move(text)} {
        lines = parse_lines(source, diagnostics);
    }
    [[nodiscard]] std::string shown_lines() const {
        std::string text;
        for (const Line& line : lines) text += (text.empty() ? "" : " | ") + shown(line);
        return text;
    }
};

}  // namespace

TEST_CASE("lexer: lines, words, options and arrows") {
    const struct {
        std::string_view input, expected;
    } cases[] = {
        {"", ""},
        {"\n \t\n# mount\n", ""},
        {"reboot", "reboot"},
        {"mount a /b\nreboot\n", "mount [a] [/b] | reboot"},
        {"\tmount\ta \t/b\t", "mount [a] [/b]"},
        {"mount a /b # comment", "mount [a] [/b]"},
        {"mount a#b /c", "mount [a#b] [/c]"},
        {"mount a \"#b\"", "mount [a] q[#b]"},
        {"find UUID=1 -> x timeout=5s", "find [UUID=1] -> [x] <timeout=5s>"},
        {"find x ->y", "find [x] [->y]"},
        {"a \"->\" \"b=c\"", "a q[->] q[b=c]"},
        {"a b-c_d9=e", "a <b-c_d9=e>"},
        {"a Bc=d 9a=b -a=b a.b=c a:b=c", "a [Bc=d] [9a=b] [-a=b] [a.b=c] [a:b=c]"},
        {"a b=c=d", "a <b=c=d>"},
        {"a b=", "a <b=>"},
        {"a b=\"c d\"e", "a <b=c de>"},
        {"a b\"c\"=d", "a q[bc=d]"},
        {"a \"\"", "a q[]"},
        {"a \"b\\\"c\\\\d\"", "a q[b\"c\\d]"},
        {"a b\\x20c", "a [b\\x20c]"},
        {"a b \\\n c", "a [b] [c]"},
        {"a b\\\nc", "a [b] [c]"},
        {"a \\\n# comment\nb", "a | b"},
        {"a $b $$ $", "a [$b] [$$] [$]"},
        {"a $${b} x$${", "a [${b}] [x${]"},
        {"a ${b} ${b:-} ${b:-c d}", "a [${b}] [${b:-}] [${:-c}] [d}]"},
        {"a \"${b:-c d}\" ${cmdline.a-b+c}", "a q[${b:-c d}] [${cmdline.a-b+c}]"},
        {"a раздел3", "a [раздел3]"},
    };
    for (const auto& one : cases) {
        INFO(one.input);
        CHECK(Lexed(std::string(one.input)).shown_lines() == one.expected);
    }
}

TEST_CASE("lexer: a word keeps its segments apart") {
    const Lexed lexed("a x${b}y${c:-d}$${e}");
    CHECK(!lexed.diagnostics.has_errors());
    const std::vector<Segment>& segments = lexed.lines[0].tokens[0].word.segments;
    CHECK(segments.size() == 5);
    if (segments.size() != 5) return;
    CHECK(segments[0].text == "x");
    CHECK(segments[1].text == "b");
    CHECK(!segments[1].has_fallback);
    CHECK(segments[2].text == "y");
    CHECK(segments[3].fallback == "d");
    CHECK(segments[3].span.offset == 8);
    CHECK(segments[3].span.length == 7);
    CHECK(segments[4].text == "${e}");
    CHECK(!lexed.lines[0].tokens[0].word.is_literal());
}

TEST_CASE("lexer: options and arrows can be read back as words") {
    const Lexed lexed("exec /bin/x a=\"b c\" -> d=${e}");
    const std::vector<Token>& tokens = lexed.lines[0].tokens;
    CHECK(tokens.size() == 4);
    if (tokens.size() != 4) return;
    CHECK(tokens[1].as_word.text() == "a=b c");
    CHECK(tokens[1].as_word.quoted);
    CHECK(tokens[2].as_word.text() == "->");
    CHECK(tokens[3].as_word.text() == "d=${e}");
    CHECK(!tokens[3].as_word.is_literal());
}

TEST_CASE("lexer: spans reach from the keyword to the last token") {
    const Lexed lexed("  mount  a \\\n  /b   # c\n");
    const Line& line = lexed.lines[0];
    CHECK(line.keyword_span.offset == 2);
    CHECK(line.keyword_span.length == 5);
    CHECK(line.span.offset == 2);
    CHECK(line.span.length == 15);
}

TEST_CASE("lexer: a line with a mistake of its own is given back and marked") {
    const Lexed lexed("mount \"a /b\nreboot\n");
    CHECK(lexed.diagnostics.error_count() == 1);
    CHECK(lexed.lines.size() == 2);
    if (lexed.lines.size() != 2) return;
    CHECK(lexed.lines[0].damaged);
    CHECK(!lexed.lines[1].damaged);
}

TEST_CASE("lexer: blanks behind a continuation are one mistake, not two") {
    const Lexed lexed("modules a \\ \n b\nreboot\n");
    CHECK(lexed.diagnostics.all().size() == 1);
    CHECK(lexed.lines.size() == 2);
}

TEST_CASE("lexer: a text over 64 KiB is not read") {
    const Lexed fits(std::string(kMaxSourceBytes - 1, ' ') + "\n");
    CHECK(!fits.diagnostics.has_errors());
    const Lexed lexed("reboot\n" + std::string(kMaxSourceBytes, ' '));
    CHECK(lexed.lines.empty());
    CHECK(lexed.diagnostics.all()[0].message == "the file has 65543 bytes; at most 65536 are read");
}

TEST_CASE("lexer: 256 stage lines are read, settings do not count") {
    std::string text = "set timeout 1s\n";
    for (std::size_t i = 0; i < kMaxStageLines; ++i) text += "a\n";
    CHECK(!Lexed(text).diagnostics.has_errors());
    const Lexed lexed(text + "b\nc\n");
    CHECK(lexed.lines.size() == kMaxStageLines + 1);
    CHECK(tests::rendered(lexed.diagnostics) ==
          "t:258:1: error: the file has more than 256 stage lines\n"
          "  258 | b\n"
          "      | ^\n");
}

TEST_CASE("lexer: the words of a file are bounded") {
    std::string text = "a";
    for (std::size_t i = 0; i < kMaxWords; ++i) text += " b";
    const Lexed lexed(text);
    CHECK(lexed.diagnostics.all().size() == 1);
    CHECK(lexed.diagnostics.all()[0].message == "the file has more than 8192 words");
}

TEST_CASE("lexer: keywords read - and _ alike") {
    CHECK(same_keyword("switch_root", "switch-root"));
    CHECK(!same_keyword("switch_root", "switchroot"));
    CHECK(!same_keyword("a", "ab"));
    CHECK(!same_keyword("a", "A"));
}

}  // namespace prologue::config
