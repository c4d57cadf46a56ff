// SPDX-License-Identifier: MIT
// Keys in, screen out. The screen is read by a small terminal, so that a test says what a person sees
// and not which of several byte sequences drew it.
#include "init/rescue/editor.h"

#include <map>

#include "config/utf8.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

using rescue::Completion;
using rescue::LineEditor;
using Event = LineEditor::Event;

// One row is enough: what is above the cursor's row is kept in `above`.
class Terminal {
  public:
    void take(const std::string& bytes) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const char byte = bytes[i];
            if (byte == '\x1b') {
                i = take_sequence(bytes, i);
            } else if (byte == '\b') {
                column_ -= column_ > 0 ? 1 : 0;
            } else if (byte == '\r') {
                column_ = 0;
            } else if (byte == '\n') {
                above += rescue::to_utf8(row_) + "\n";
                row_.clear();
                column_ = 0;
            } else if (byte == '\a') {
                ++bells;
            } else {
                const config::Character character = config::character_at(bytes, i);
                CHECK(character.valid);
                if (row_.size() <= column_) row_.resize(column_ + 1, U' ');
                row_[column_++] = static_cast<char32_t>(character.code_point);
                i += character.length - 1;
            }
        }
    }
    // The row, with '|' where the cursor is.
    [[nodiscard]] std::string row() const {
        std::u32string row = row_;
        if (row.size() < column_) row.resize(column_, U' ');
        return rescue::to_utf8(row.insert(column_, 1, U'|'));
    }
    [[nodiscard]] std::size_t width() const { return row_.size(); }

    std::string above;
    int bells = 0;

  private:
    std::size_t take_sequence(const std::string& bytes, std::size_t at) {
        CHECK(bytes[at + 1] == '[');
        std::size_t count = 0;
        for (at += 2; bytes[at] >= '0' && bytes[at] <= '9'; ++at)
            count = count * 10 + static_cast<std::size_t>(bytes[at] - '0');
        if (bytes[at] == 'K') row_.resize(std::min(row_.size(), column_));
        if (bytes[at] == 'C') column_ += count;
        if (bytes[at] == 'D') column_ -= count;
        CHECK(std::string_view("KCD").find(bytes[at]) != std::string_view::npos);
        return at;
    }

    std::u32string row_;
    std::size_t column_ = 0;
};

class Words final : public rescue::Completer {
  public:
    std::vector<std::string> words;
    Completion complete(std::string_view before) override {
        Completion found;
        found.stem = before.substr(before.rfind(' ') + 1);
        for (const std::string& word : words)
            if (word.starts_with(found.stem)) found.words.push_back(word);
        return found;
    }
};

struct Typist {
    Words words;
    LineEditor editor{"> ", &words};
    Terminal screen;
    Event last = Event::kNone;
    std::size_t sent = 0;  // bytes for the screen since the last type()

    Typist() { begin(); }
    void begin() {
        editor.begin();
        show();
    }
    void show() {
        const std::string output = editor.take_output();
        sent += output.size();
        screen.take(output);
    }
    void type(std::string_view keys) {
        sent = 0;
        for (const char key : keys) {
            last = editor.take(key);
            show();
        }
    }
    // A whole line, as the shell takes it.
    std::string enter(std::string_view keys) {
        type(keys);
        type("\r");
        CHECK(last == Event::kLine);
        const std::string line = editor.line();
        begin();
        return line;
    }
};

constexpr char kUp[] = "\x1b[A", kDown[] = "\x1b[B", kRight[] = "\x1b[C", kLeft[] = "\x1b[D";

}  // namespace

TEST_CASE("editor: what is typed is shown, and costs a byte each") {
    Typist one;
    CHECK(one.screen.row() == "> |");
    one.type("mount");
    CHECK(one.screen.row() == "> mount|");
    CHECK(one.sent == 5);
    CHECK(one.enter(" x") == "mount x");
    CHECK(one.screen.above == "> mount x\n");
    CHECK(one.screen.row() == "> |");
}

TEST_CASE("editor: the keys that move and delete") {
    const struct {
        std::string_view keys, row;
    } cases[] = {
        {"abc\x1b[D\x1b[DX", "> aX|bc"},
        {"abc\x01X", "> X|abc"},
        {"abc\x01\x06\x06X\x05Y", "> abXcY|"},
        {"abc\x02\x02X", "> aX|bc"},
        {"abc\x1b[HX\x1b[FY", "> XabcY|"},
        {"abc\x1bOHX\x1bOFY", "> XabcY|"},
        {"abc\x1b[1~X\x1b[4~Y", "> XabcY|"},
        {"abc\x7f", "> ab|"},
        {"abc\x08\x08", "> a|"},
        {"abc\x1b[D\x1b[D\x1b[3~", "> a|c"},
        {"abc\x01\x04", "> |bc"},
        {"abc def\x17", "> abc |"},
        {"abc def \x17\x17", "> |"},
        {"abc def\x1b[D\x15", "> |f"},
        {"abc def\x01\x1b[C\x0b", "> a|"},
        {"\x7f\x08\x17\x15\x0b\x1b[D\x1b[C\x1b[3~", "> |"},
        // Unknown keys: of the linux console, of xterm, with modifiers, pasting, Escape twice.
        {"a\x1b[[Bb\x1b[15~c\x1b[1;5Pd\x1b[200~e\x1b\x1b[Df", "> abcdf|e"},
    };
    for (const auto& one_case : cases) {
        Typist one;
        one.type(one_case.keys);
        CHECK(one.screen.row() == one_case.row);
    }
}

TEST_CASE("editor: characters are not bytes") {
    Typist one;
    one.type("gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x90\xa7");
    CHECK(one.screen.row() == "> gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x90\xa7|");
    one.type("\x7f\x7f\x1b[D\x7f");
    CHECK(one.screen.row() == "> gr|\xc3\x9f");
    CHECK(one.enter("") == "gr\xc3\x9f");
}

TEST_CASE("editor: NUL, control characters and bytes that are no UTF-8 are left out") {
    Typist one;
    one.type(std::string_view("a\0b\x07\x10\x1c\x1d\x1e\x1f", 9));
    one.type(
        "\xff\xfe\xc0\xaf"
        "c\xe2\x82"
        "d\xc3\xc3\xbc\xed\xa0\x80\xc2\x9b"
        "e\x80\xbf");
    CHECK(one.enter("") ==
          "abcd\xc3\xbc"
          "e");
}

TEST_CASE("editor: a long line is shown in part, and stays within the columns") {
    Typist one;
    one.editor.set_columns(20);
    std::string text;
    for (int i = 0; i < 60; ++i) text += static_cast<char>('a' + i % 26);
    one.type(text);
    CHECK(one.screen.width() < 20);
    CHECK(one.screen.row().ends_with("efgh|"));
    one.type("\x01");
    CHECK(one.screen.row() == "> |abcdefghijklmnopq");
    for (int i = 0; i < 17; ++i) one.type(kRight);
    CHECK(one.screen.row() == "> abcdefghijklmnopq|");
    one.type(kRight);
    CHECK(one.screen.row() == "> klmnopqr|stuvwxyza");
    CHECK(one.enter("") == text);
}

TEST_CASE("editor: a change in the middle sends the rest of the line and no more") {
    Typist one;
    one.type("mount /dev/vda /newroot");
    one.type(std::string(kLeft) + kLeft + kLeft + kLeft);
    one.type("X");
    CHECK(one.screen.row() == "> mount /dev/vda /newX|root");
    CHECK(one.sent == 1 + 4 + 4);  // it, what follows, and back
}

TEST_CASE("editor: a line that is too long does not count, and a paste of 100 KB does no harm") {
    Typist one;
    one.type(std::string(100 * 1024, 'x') + "\r");
    CHECK(one.last == Event::kTooLong);
    CHECK(one.screen.bells == 1);
    one.begin();
    CHECK(one.enter("status") == "status");
    one.type(std::string(1001, 'y'));
    one.type("\x15");
    CHECK(one.enter("why") == "why");
}

TEST_CASE("editor: the history") {
    Typist one;
    (void)one.enter("first");
    (void)one.enter("second");
    (void)one.enter("second");
    (void)one.enter("");
    one.type("unfi");
    one.type(kUp);
    CHECK(one.screen.row() == "> second|");
    one.type("\x10");
    CHECK(one.screen.row() == "> first|");
    one.type(kUp);
    CHECK(one.screen.bells == 1);
    one.type(std::string(kDown) + "\x0e");
    CHECK(one.screen.row() == "> unfi|");
    one.type(std::string(kUp) + kUp + "X");
    CHECK(one.enter("") == "firstX");
    for (int i = 0; i < 80; ++i) (void)one.enter("line " + std::to_string(i));
    for (int i = 0; i < 80; ++i) one.type(kUp);
    CHECK(one.screen.row() == "> line 30|");
}

TEST_CASE("editor: Ctrl-C and Ctrl-D") {
    Typist one;
    one.type("mount x\x1b[D\x03");
    CHECK(one.last == Event::kInterrupted);
    CHECK(one.screen.above == "> mount x^C\n");
    one.begin();
    one.type("\x04");
    CHECK(one.last == Event::kEnd);
    one.type("a\x04");
    CHECK(one.last == Event::kNone);
}

TEST_CASE("editor: a carriage return with a newline is one key") {
    Typist one;
    CHECK(one.enter("a") == "a");
    one.type("\n");
    CHECK(one.last == Event::kNone);
    one.type("b\n");
    CHECK(one.last == Event::kLine);
}

TEST_CASE("editor: Ctrl-L draws the line anew") {
    Typist one;
    one.type("abc\x1b[D");
    one.screen.take("\rprologue: something of the kernel's");
    one.type("\x0c");
    CHECK(one.screen.row() == "> ab|c");
}

TEST_CASE("editor: Tab completes, and shows what there is when pressed again") {
    Typist one;
    one.words.words = {
        "modules",           "modprobe", "mount", "status", "/dev/", "gr\xc3\xbc\xc3\x9f",
        "gr\xc3\xbc\xc3\xa4"};
    one.type("st\t");
    CHECK(one.screen.row() == "> status |");
    one.type("\x15/d\tvda");
    CHECK(one.screen.row() == "> /dev/vda|");
    one.type("\x15m\t");
    CHECK(one.screen.row() == "> mo|");
    CHECK(one.screen.bells == 0);
    one.type("\t");
    CHECK(one.screen.above == "> mo\nmodules  modprobe  mount\n");
    CHECK(one.screen.row() == "> mo|");
    one.type("x\t");
    CHECK(one.screen.bells == 1);
    one.type("\x15gr\t");
    CHECK(one.screen.row() == "> gr\xc3\xbc|");
    one.type("\x15x y\x1b[D\x1b[D\x1b[Dst\t");
    CHECK(one.screen.row() == "> status |x y");
}

}  // namespace prologue::tests
