// SPDX-License-Identifier: MIT
// Literal is a string that is known to live as long as the program: its only constructor takes a string
// literal at compile time, so a temporary can never dangle behind it. Text is what a function reads.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace prologue {

class Literal {
  public:
    constexpr Literal() = default;
    template <std::size_t N>
    consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}  // NOLINT: implicit on purpose

    [[nodiscard]] constexpr std::string_view view() const { return text_; }
    [[nodiscard]] constexpr bool empty() const { return text_.empty(); }
    [[nodiscard]] std::string str() const { return std::string(text_); }
    constexpr operator std::string_view() const { return text_; }  // NOLINT: implicit on purpose
    friend constexpr bool operator==(Literal a, Literal b) { return a.text_ == b.text_; }
    friend constexpr bool operator==(Literal a, std::string_view b) { return a.text_ == b; }

  private:
    std::string_view text_;
};

// `text == "word"`, before the one of std, which counts the letters of the word at run time.
constexpr bool operator==(std::string_view a, Literal b) {
    return a == b.view();
}

// A parameter that is only read while the call lasts. Unlike a std::string it copies nothing, and unlike a
// std::string_view it knows the length of a literal without counting at run time: a call is half as long.
class Text {
  public:
    constexpr Text() = default;
    template <std::size_t N>
    consteval Text(const char (&text)[N]) : text_(text, N - 1) {}  // NOLINT: implicit on purpose
    constexpr Text(Literal text) : text_(text.view()) {}           // NOLINT: implicit on purpose
    constexpr Text(std::string_view text) : text_(text) {}         // NOLINT: implicit on purpose
    Text(const std::string& text) : text_(text) {}                 // NOLINT: implicit on purpose
    // One literal or another. An array of letters is refused: how many of them count is not known.
    template <class Pointer>
    requires std::same_as<Pointer, const char*> Text(const Pointer& text)
        : text_(text) {}  // NOLINT: implicit on purpose

    [[nodiscard]] constexpr std::string_view view() const { return text_; }
    [[nodiscard]] constexpr bool empty() const { return text_.empty(); }
    [[nodiscard]] std::string str() const { return std::string(text_); }
    constexpr operator std::string_view() const { return text_; }  // NOLINT: implicit on purpose

  private:
    std::string_view text_;
};

}  // namespace prologue
