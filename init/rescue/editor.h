// SPDX-License-Identifier: MIT
// A line being typed on a terminal: bytes of the keyboard in, bytes for the screen out. No descriptor,
// no clock. It is made for a serial line of 9600 baud, where a character takes a millisecond: what the
// screen shows is remembered, and only what differs is sent.
//
// Keys: arrows, Home, End, Delete, Backspace, Ctrl-A -B -E -F to move, Ctrl-U -K -W to delete, Ctrl-P
// and -N through the history, Tab to complete, Ctrl-L to draw anew, Ctrl-C and Ctrl-D. Whatever else
// comes (NUL, other control characters, bytes that are no UTF-8) is left out. Every character is taken
// to be one column wide. A line that does not fit is shown in part.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace prologue::rescue {

// Characters that a line may have. What is typed beyond is dropped, and the line does not count.
inline constexpr std::size_t kMaxTyped = 1000;

// What the last word may become.
struct Completion {
    std::string stem;                // the end of the text that is to be replaced
    std::vector<std::string> words;  // what it may become; one that ends in '/' may go on
};

class Completer {
  public:
    virtual ~Completer() = default;
    // `before` is the text in front of the cursor.
    virtual Completion complete(std::string_view before) = 0;
};

class LineEditor {
  public:
    enum class Event {
        kNone,
        kLine,         // line() has it
        kTooLong,      // the line was longer than kMaxTyped
        kInterrupted,  // Ctrl-C
        kEnd,          // Ctrl-D in an empty line
    };

    // `completer` must outlive it; null for none.
    LineEditor(std::string prompt, Completer* completer);

    // Of the terminal; 80 until it is known.
    void set_columns(std::size_t columns);
    // Shows the prompt and begins an empty line.
    void begin();
    Event take(char byte);
    [[nodiscard]] std::string line() const;
    // What the screen must be sent since the last call.
    std::string take_output();

  private:
    enum class State { kPlain, kEscape, kSequence, kFunction };

    Event take_control(unsigned char key);
    void take_escape(char byte);
    void take_sequence_end(char byte);
    void take_part_of_character(char byte);
    Event end_line();
    void insert(char32_t character);
    void erase(std::size_t first, std::size_t last);
    void erase_word();
    void move_to(std::size_t place);
    void browse(bool older);
    void complete();
    void offer(const std::vector<std::string>& words);
    void replace_stem(std::size_t length, std::string_view text);
    void redraw();
    void refresh();
    void move_screen_cursor(std::size_t column);
    void bell() { output_ += '\a'; }

    std::string prompt_;
    Completer* completer_;
    std::size_t room_ = 0;  // columns behind the prompt that are used
    std::size_t columns_ = 80;

    std::u32string text_;
    std::size_t cursor_ = 0;  // a place in text_
    bool overflowed_ = false;

    State state_ = State::kPlain;
    std::string parameter_;      // of an escape sequence
    std::string pending_;        // the first bytes of a character
    bool after_return_ = false;  // a newline right behind a carriage return is the same key
    bool after_tab_ = false;

    std::size_t view_ = 0;    // the place in text_ that is shown first
    std::u32string shown_;    // on the screen, behind the prompt
    std::size_t column_ = 0;  // of the screen's cursor, behind the prompt
    std::string output_;

    std::vector<std::u32string> history_;  // oldest first
    std::size_t browsing_ = 0;             // the entry that is shown; history_.size(): none
    std::u32string unfinished_;            // what stood there before browsing
};

// UTF-8 of characters, and back; the text must be valid.
std::string to_utf8(std::u32string_view text);
std::u32string from_utf8(std::string_view text);

}  // namespace prologue::rescue
