// SPDX-License-Identifier: MIT
#include "init/rescue/editor.h"

#include <algorithm>
#include <utility>

#include "config/utf8.h"
#include "init/base/compose.h"

namespace prologue::rescue {
namespace {

constexpr std::size_t kMaxHistory = 50;
constexpr std::size_t kMostOffered = 48;  // on a slow line a longer list takes seconds

enum Key : unsigned char {
    kCtrlA = 1,
    kCtrlB = 2,
    kCtrlC = 3,
    kCtrlD = 4,
    kCtrlE = 5,
    kCtrlF = 6,
    kCtrlH = 8,
    kTab = 9,
    kNewline = 10,
    kCtrlK = 11,
    kCtrlL = 12,
    kReturn = 13,
    kCtrlN = 14,
    kCtrlP = 16,
    kCtrlU = 21,
    kCtrlW = 23,
    kEscapeKey = 27,
    kDelete = 127,
};

// Bytes of the character that this byte begins; 0: it begins none.
std::size_t length_of(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    if (byte >= 0xC2 && byte <= 0xDF) return 2;
    if (byte >= 0xE0 && byte <= 0xEF) return 3;
    return byte >= 0xF0 && byte <= 0xF4 ? 4 : 0;
}

std::string common_start(const std::vector<std::string>& words) {
    std::string common = words.front();
    for (const std::string& word : words) {
        const auto end = std::mismatch(common.begin(), common.end(), word.begin(), word.end());
        common.erase(end.first, common.end());
    }
    // Never in the middle of a character.
    while (!common.empty() && (static_cast<unsigned char>(common.back()) & 0xC0) == 0x80)
        common.pop_back();
    if (!common.empty() && static_cast<unsigned char>(common.back()) >= 0xC0) common.pop_back();
    return common;
}

}  // namespace

std::string to_utf8(std::u32string_view text) {
    std::string bytes;
    for (const char32_t c : text) {
        const auto tail = [&](unsigned shift) {
            bytes += static_cast<char>(0x80 | ((c >> shift) & 0x3F));
        };
        if (c < 0x80) {
            bytes += static_cast<char>(c);
        } else if (c < 0x800) {
            bytes += static_cast<char>(0xC0 | (c >> 6));
            tail(0);
        } else if (c < 0x10000) {
            bytes += static_cast<char>(0xE0 | (c >> 12));
            tail(6);
            tail(0);
        } else {
            bytes += static_cast<char>(0xF0 | (c >> 18));
            tail(12);
            tail(6);
            tail(0);
        }
    }
    return bytes;
}

std::u32string from_utf8(std::string_view text) {
    std::u32string characters;
    for (std::size_t at = 0; at < text.size();) {
        const config::Character character = config::character_at(text, at);
        if (character.valid) characters += static_cast<char32_t>(character.code_point);
        at += character.length;
    }
    return characters;
}

LineEditor::LineEditor(std::string prompt, Completer* completer)
    : prompt_(std::move(prompt)), completer_(completer) {
    set_columns(columns_);
}

void LineEditor::set_columns(std::size_t columns) {
    columns_ = columns;
    // Never the last column: terminals differ in where the cursor is then.
    room_ = std::max(columns, prompt_.size() + 10) - prompt_.size() - 1;
}

void LineEditor::begin() {
    text_.clear();
    cursor_ = view_ = 0;
    overflowed_ = false;
    pending_.clear();
    state_ = State::kPlain;
    browsing_ = history_.size();
    output_ += prompt_;
    shown_.clear();
    column_ = 0;
}

std::string LineEditor::line() const {
    return to_utf8(text_);
}

std::string LineEditor::take_output() {
    return std::exchange(output_, {});
}

LineEditor::Event LineEditor::take(char byte) {
    const auto key = static_cast<unsigned char>(byte);
    const bool was_return = std::exchange(after_return_, key == kReturn);
    if (key != kTab) after_tab_ = false;
    if (state_ != State::kPlain) {
        take_escape(byte);
    } else if (key >= 0x80) {
        take_part_of_character(byte);
    } else if (key >= 0x20 && key != kDelete) {
        pending_.clear();
        insert(key);
    } else {
        pending_.clear();
        if (key == kNewline && was_return) return Event::kNone;
        const Event event = take_control(key);
        if (event != Event::kNone) return event;
    }
    refresh();
    return Event::kNone;
}

LineEditor::Event LineEditor::take_control(unsigned char key) {
    switch (key) {
        case kReturn:
        case kNewline: return end_line();
        case kCtrlC:
            move_screen_cursor(shown_.size());
            output_ += "^C\n";
            return Event::kInterrupted;
        case kCtrlD:
            if (text_.empty()) return Event::kEnd;
            erase(cursor_, cursor_ + 1);
            break;
        case kCtrlA: move_to(0); break;
        case kCtrlE: move_to(text_.size()); break;
        case kCtrlB: move_to(cursor_ == 0 ? 0 : cursor_ - 1); break;
        case kCtrlF: move_to(cursor_ + 1); break;
        case kCtrlH:
        case kDelete:
            if (cursor_ != 0) erase(cursor_ - 1, cursor_);
            break;
        case kCtrlU: erase(0, cursor_); break;
        case kCtrlK: erase(cursor_, text_.size()); break;
        case kCtrlW: erase_word(); break;
        case kCtrlP: browse(true); break;
        case kCtrlN: browse(false); break;
        case kCtrlL: redraw(); break;
        case kTab: complete(); break;
        case kEscapeKey: state_ = State::kEscape; break;
        default: break;  // NUL among them
    }
    return Event::kNone;
}

LineEditor::Event LineEditor::end_line() {
    move_screen_cursor(shown_.size());
    output_ += '\n';
    if (overflowed_) return Event::kTooLong;
    const bool is_new = !text_.empty() && (history_.empty() || history_.back() != text_);
    if (is_new) history_.push_back(text_);
    if (history_.size() > kMaxHistory) history_.erase(history_.begin());
    return Event::kLine;
}

// ECMA-48, 5.4: a control sequence has parameters, and ends with a byte of 0x40 to 0x7E. The linux
// console's function keys are "\e[[A".
void LineEditor::take_escape(char byte) {
    if (byte == static_cast<char>(kEscapeKey)) {
        state_ = State::kEscape;
    } else if (state_ == State::kEscape) {
        parameter_.clear();
        state_ = byte == '[' ? State::kSequence : byte == 'O' ? State::kFunction : State::kPlain;
    } else if (state_ == State::kSequence && byte == '[') {
        state_ = State::kFunction;
        parameter_ = "[";
    } else if (state_ == State::kSequence && byte >= 0x20 && byte < 0x40) {
        if (parameter_.size() < 8) parameter_ += byte;
    } else {
        state_ = State::kPlain;
        if (parameter_ != "[") take_sequence_end(byte);
    }
}

void LineEditor::take_sequence_end(char byte) {
    switch (byte) {
        case 'A': browse(true); break;
        case 'B': browse(false); break;
        case 'C': move_to(cursor_ + 1); break;
        case 'D': move_to(cursor_ == 0 ? 0 : cursor_ - 1); break;
        case 'H': move_to(0); break;
        case 'F': move_to(text_.size()); break;
        case '~':
            if (parameter_ == "1" || parameter_ == "7") move_to(0);
            if (parameter_ == "4" || parameter_ == "8") move_to(text_.size());
            if (parameter_ == "3") erase(cursor_, cursor_ + 1);
            break;
        default: break;
    }
}

void LineEditor::take_part_of_character(char byte) {
    if (pending_.empty() && length_of(byte) == 0) return;
    if (!pending_.empty() && length_of(byte) != 0) pending_.clear();  // the last one was cut short
    pending_ += byte;
    if (pending_.size() < length_of(pending_[0])) return;
    const config::Character character = config::character_at(pending_, 0);
    pending_.clear();
    if (character.valid && !config::is_control(character.code_point))
        insert(static_cast<char32_t>(character.code_point));
}

void LineEditor::insert(char32_t character) {
    if (text_.size() == kMaxTyped) {
        if (!std::exchange(overflowed_, true)) bell();
        return;
    }
    text_.insert(cursor_++, 1, character);
}

void LineEditor::erase(std::size_t first, std::size_t last) {
    last = std::min(last, text_.size());
    if (first >= last) return;
    text_.erase(first, last - first);
    cursor_ = first;
    overflowed_ = false;  // what is there now is what is seen
}

void LineEditor::erase_word() {
    std::size_t start = cursor_;
    while (start > 0 && text_[start - 1] == U' ') --start;
    while (start > 0 && text_[start - 1] != U' ') --start;
    erase(start, cursor_);
}

void LineEditor::move_to(std::size_t place) {
    cursor_ = std::min(place, text_.size());
}

void LineEditor::browse(bool older) {
    if (older ? browsing_ == 0 : browsing_ == history_.size()) return bell();
    if (browsing_ == history_.size()) unfinished_ = text_;
    browsing_ = older ? browsing_ - 1 : browsing_ + 1;
    text_ = browsing_ == history_.size() ? unfinished_ : history_[browsing_];
    cursor_ = text_.size();
    overflowed_ = false;
}

void LineEditor::complete() {
    const bool again = std::exchange(after_tab_, true);
    if (completer_ == nullptr) return bell();
    const Completion found = completer_->complete(to_utf8(text_.substr(0, cursor_)));
    if (found.words.empty()) return bell();
    const std::size_t length = from_utf8(found.stem).size();
    if (found.words.size() == 1) {
        const std::string& word = found.words.front();
        replace_stem(length, word.ends_with('/') ? word : word + " ");
        return;
    }
    const std::string common = common_start(found.words);
    if (common.size() > found.stem.size()) {
        replace_stem(length, common);
    } else if (again) {
        offer(found.words);
    } else {
        bell();
    }
}

void LineEditor::replace_stem(std::size_t length, std::string_view text) {
    erase(cursor_ - std::min(length, cursor_), cursor_);
    for (const char32_t character : from_utf8(text)) insert(character);
}

void LineEditor::offer(const std::vector<std::string>& words) {
    output_ += '\n';
    std::size_t column = 0, count = 0;
    for (const std::string& word : words) {
        if (count++ == kMostOffered) break;
        if (column != 0 && column + 2 + word.size() >= columns_) {
            output_ += '\n';
            column = 0;
        }
        if (column != 0) output_ += "  ";
        output_ += word;
        column += (column != 0 ? 2 : 0) + word.size();
    }
    if (count > kMostOffered) output_ += "  …";
    output_ += '\n';
    redraw();
}

void LineEditor::redraw() {
    output_ += compose("\r{}\x1b[K", prompt_);
    shown_.clear();
    column_ = 0;
}

void LineEditor::refresh() {
    // By half of what fits, so that the screen does not move with every character.
    if (cursor_ < view_ || cursor_ > view_ + room_)
        view_ = cursor_ > room_ / 2 ? cursor_ - room_ / 2 : 0;
    const std::u32string wanted = text_.substr(std::min(view_, text_.size()), room_);
    const auto [differs, was] =
        std::mismatch(wanted.begin(), wanted.end(), shown_.begin(), shown_.end());
    if (differs != wanted.end() || was != shown_.end()) {
        move_screen_cursor(static_cast<std::size_t>(differs - wanted.begin()));
        output_ += to_utf8(std::u32string_view(differs, wanted.end()));
        column_ = wanted.size();
        if (shown_.size() > wanted.size()) output_ += "\x1b[K";
        shown_ = wanted;
    }
    move_screen_cursor(cursor_ - view_);
}

// A few backspaces, or the characters themselves, are shorter than an escape sequence.
void LineEditor::move_screen_cursor(std::size_t column) {
    constexpr std::size_t kFew = 4;
    if (column < column_) {
        const std::size_t distance = column_ - column;
        output_ += distance <= kFew ? std::string(distance, '\b')
                                    : compose("\x1b[{}D", std::to_string(distance));
    } else if (column > column_) {
        const std::size_t distance = column - column_;
        output_ += distance <= kFew ? to_utf8(shown_.substr(column_, distance))
                                    : compose("\x1b[{}C", std::to_string(distance));
    }
    column_ = column;
}

}  // namespace prologue::rescue
